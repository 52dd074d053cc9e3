// What the known objects alone come to, beside an honest "unknown".
import type { Callers } from './callers.ts'
import type { Outcome } from './outcome.ts'

/** `known`: the same question asked of the known objects alone. */
export function withKnownCallers<Answer extends Callers>(access: Answer, known: () => Callers): Answer {
  const { callers, others, foreign, plaintext } = access
  const all = [...callers, ...foreign, plaintext].map(({ outcome }) => outcome)
  if (![...all, others].some(isUnknown)) return access
  const likely = known()
  const byPrincipal = new Map(likely.callers.map(({ identity, outcome }) => [identity.principal, outcome]))
  const beside = besides()
  return {
    ...access,
    callers: callers.map(({ identity, outcome }) => ({
      identity,
      outcome: beside(outcome, byPrincipal.get(identity.principal) ?? likely.others),
    })),
    others: beside(others, likely.others),
    foreign: foreign.map(({ trustDomain, outcome }, index) => ({ trustDomain, outcome: beside(outcome, likely.foreign[index]?.outcome) })),
    plaintext: { ...plaintext, outcome: beside(plaintext.outcome, likely.plaintext.outcome) },
  }
}

interface Targets {
  readonly targets: readonly { readonly outcome: Outcome }[]
}

/** The targets of both stand in the same order. */
export function withKnownTargets<Answer extends Targets>(callable: Answer, known: () => Targets): Answer {
  if (!callable.targets.some(({ outcome }) => isUnknown(outcome))) return callable
  const likely = known().targets
  const beside = besides()
  return {
    ...callable,
    targets: callable.targets.map((target, index) => ({ ...target, outcome: beside(target.outcome, likely[index]?.outcome) })),
  }
}

function isUnknown({ decision }: Outcome): boolean {
  return decision === 'unknown'
}

/** Callers that share both outcomes share the one that is made of them. */
function besides(): (outcome: Outcome, likely: Outcome | undefined) => Outcome {
  const made = new Map<Outcome, Map<Outcome, Outcome>>()
  return (outcome, likely) => {
    if (!isUnknown(outcome) || !likely || isUnknown(likely)) return outcome
    const known = made.get(outcome) ?? new Map<Outcome, Outcome>()
    made.set(outcome, known)
    const both = known.get(likely) ?? { ...outcome, asFarAsKnown: likely }
    known.set(likely, both)
    return both
  }
}
