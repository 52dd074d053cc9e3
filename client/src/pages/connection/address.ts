// The address of the text twin: `istio-security-connection:/shop/frontend-1/shop/checkout-1/8080.connection.txt`, the context as query.
import { Uri } from 'vscode'
import type { ConnectionQuestion } from '../../../../server/src/protocol.ts'
import type { TextAddress } from '../liveTexts.ts'

const scheme = 'istio-security-connection'
const ending = '.connection.txt'

export const connectionAddress: TextAddress<ConnectionQuestion> = {
  scheme,
  uriOf({ from, to, port }) {
    const path = `/${from.namespace}/${from.name}/${to.namespace}/${to.name}/${port}${ending}`
    return Uri.from({ scheme, path, ...(to.context && { query: to.context }) })
  },
  subjectOf({ path, query }) {
    const [, fromNamespace, fromName, toNamespace, toName, file] = path.split('/')
    if (!fromNamespace || !fromName || !toNamespace || !toName || !file) return undefined
    const context = query ? { context: query } : {}
    return {
      from: { namespace: fromNamespace, name: fromName, ...context },
      to: { namespace: toNamespace, name: toName, ...context },
      port: Number(file.slice(0, -ending.length)),
    }
  },
}
