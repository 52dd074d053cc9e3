// The first question to a server: which groups it has, and with that, whether it answers us at all.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api

import type { Found } from './kubeconfig.ts'
import { firstAnswerMs, problemOf } from './problemOf.ts'
import type { Reached } from './reached.ts'
import { isStatus } from './reflector.ts'
import { type Groups, readGroups, watched } from './watched.ts'

export async function askGroups(
  { access, transport, target }: Pick<Reached, 'access' | 'transport' | 'target'>,
  cancelled: AbortSignal,
): Promise<Found<Groups>> {
  const context = target.context.name
  // A credential program has a deadline of its own: people sign in more slowly than servers answer.
  const credentials = await access.credentials()
  if (cancelled.aborted) return { ok: false, problem: { kind: 'cancelled' } }
  if (!credentials.ok) return { ok: false, problem: problemOf({ kind: 'credentials', ...credentials }, context) }
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(firstAnswerMs)])
  const reply = await transport.get('/apis', { signal, idleMs: firstAnswerMs })
  if (cancelled.aborted) return { ok: false, problem: { kind: 'cancelled' } }
  if (!reply.ok && isStatus(reply.failure, 403)) return { ok: true, value: everyGroup() }
  if (!reply.ok) return { ok: false, problem: problemOf(reply.failure, context) }
  const groups = readGroups(reply.value)
  if (groups) return { ok: true, value: groups }
  return { ok: false, problem: { kind: 'unreachable', context, detail: 'what answers there is no API server' } }
}

/** Without discovery every group is tried; one that is not there answers 404. */
function everyGroup(): Groups {
  return new Map(watched.map(({ group, versions }) => [group, versions]))
}
