// Which clusters were chosen, as a client hands it back: nothing of it is trusted to have its type.
import type { ClusterChoice, OneContext } from '../protocol.ts'

export function readClusterChoice(given: unknown): ClusterChoice | undefined {
  const { open, judging, namespaces } = recordOf(given)
  const read = {
    ...(Array.isArray(open) ? { open: open.flatMap(contextIn) } : {}),
    ...Object.fromEntries(contextIn(judging).map(one => ['judging', one])),
    ...(Array.isArray(namespaces)
      ? {
          namespaces: namespaces.flatMap(each => contextIn(each).map(one => ({ ...one, namespaces: textsOf(recordOf(each).namespaces) }))),
        }
      : {}),
  }
  return Object.keys(read).length > 0 ? read : undefined
}

function contextIn(given: unknown): readonly OneContext[] {
  const { context, kubeconfig } = recordOf(given)
  if (typeof context !== 'string' || context === '') return []
  return [{ context, ...(typeof kubeconfig === 'string' && kubeconfig !== '' ? { kubeconfig } : {}) }]
}

function textsOf(given: unknown): readonly string[] {
  return Array.isArray(given) ? given.filter(each => typeof each === 'string' && each !== '') : []
}

function recordOf(given: unknown): Readonly<Record<string, unknown>> {
  return given !== null && typeof given === 'object' ? { ...given } : {}
}
