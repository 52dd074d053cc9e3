// What an account may not read, in few sentences: with rights in one namespace only, much is refused at once for one reason.
import { outside, type Problem } from './problem.ts'
import { list } from './words.ts'

export interface Gap {
  readonly resource: string
  readonly namespace?: string
  readonly problem: Problem
}

const mostAlone = 3

/** One each, and one for all that is refused in the same way where those are many. */
export function gapSentences(gaps: readonly Gap[]): readonly string[] {
  const groups = new Map<string, Gap[]>()
  for (const gap of gaps) {
    const { problem, namespace = '' } = gap
    const key = problem.kind === 'forbidden' ? `${problem.verb} ${namespace} ${problem.except?.join() ?? ''}` : `${problem.message}`
    const group = groups.get(key)
    if (group) group.push(gap)
    else groups.set(key, [gap])
  }
  return [...groups.values()].flatMap(group => {
    const problem = group[0]?.problem
    if (problem?.kind === 'forbidden' && group.length > mostAlone) return [together(group, problem)]
    return problem?.kind === 'forbidden' ? group.map(each => each.problem.message) : [problem?.message ?? '']
  })
}

function together(group: readonly Gap[], { verb, namespace, except = [] }: Extract<Problem, { kind: 'forbidden' }>): string {
  const where = namespace === undefined ? ' in the whole cluster' : ` in "${namespace}"`
  const there = except.length > 0 ? outside(except) : namespace === undefined ? '' : ' there'
  const names = list(
    group.map(({ resource }) => resource),
    6,
  )
  return `Your account may not ${verb} ${names}${where}, so what they hold${there} is unknown and nothing is concluded about it.`
}
