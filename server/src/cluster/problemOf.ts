// What a failed question means to a person.
import type { ClusterProblem } from '../protocol.ts'
import { describeFailure } from './reflector.ts'
import type { Failure } from './transport.ts'

/** So long is the server's first answer waited for. */
export const firstAnswerMs = 5_000

export function problemOf(failure: Failure, context: string): ClusterProblem {
  switch (failure.kind) {
    case 'credentials':
      if (failure.refusedProgram !== undefined) return { kind: 'program-refused', context, command: failure.refusedProgram }
      return { kind: 'unauthorized', context, detail: failure.detail }
    case 'aborted':
      return { kind: 'unreachable', context, detail: `timed out after ${firstAnswerMs / 1000} s` }
    case 'status':
      if (failure.code === 401) return { kind: 'unauthorized', context, detail: failure.message || 'Unauthorized' }
      return { kind: 'unreachable', context, detail: describeFailure(failure) }
    case 'network': {
      const { detail, distrusted } = failure
      return { kind: 'unreachable', context, detail, ...(distrusted ? { distrusted } : {}) }
    }
    default:
      return { kind: 'unreachable', context, detail: failure.detail }
  }
}
