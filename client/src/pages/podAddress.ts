// A pod as the address of a text, `scheme:/shop/checkout-7d9f.certificate.txt` with the context as query, and as the key of a tab.
import { Uri } from 'vscode'
import type { PodRef } from '../../../server/src/protocol.ts'
import type { TextAddress } from './liveTexts.ts'

/** `ending`: of the file's name, with its dot. */
export function podAddress(scheme: string, ending: string): TextAddress<PodRef> {
  return {
    scheme,
    uriOf: ({ namespace, name, context }) =>
      Uri.from({ scheme, path: `/${namespace}/${name}${ending}`, ...(context && { query: context }) }),
    subjectOf: ({ path, query }) => {
      const [, namespace, file] = path.split('/')
      if (!namespace || !file) return undefined
      return { namespace, name: file.slice(0, -ending.length), ...(query && { context: query }) }
    },
  }
}

export function podKey({ context, namespace, name }: PodRef): string {
  return JSON.stringify([context, namespace, name])
}
