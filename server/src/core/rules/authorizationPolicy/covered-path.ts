import { type Problem, problem, type Rule } from '../rule.ts'
import { type Pair, pairsIn } from './pairs.ts'

export default {
  id: 'covered-path',
  on: 'AuthorizationPolicy',
  severity: 'hint',
  istio: 'accepts',
  summary: 'A path that another one of the list matches already.',
  why: 'A star at the end stands for any text, slashes too, so the longer path changes nothing. Whoever reads it may think that it does.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - to:
        - operation:
            paths: [/books/*, /books/new/draft]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - to:
        - operation:
            paths: [/books/*, /books]
`,

  *check(policy) {
    for (const pair of pairsIn(policy).filter(({ name }) => name === 'paths')) {
      for (const list of [pair.values, pair.notValues]) yield* coveredIn(list, pair)
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

function* coveredIn(list: Pair['values'], { covers }: Pair): Generator<Problem> {
  const compared = list.slice(0, mostCompared).filter(({ value }) => plainPath.test(value))
  for (const written of compared) {
    const other = compared.find(({ value }) => value !== written.value && covers(value, written.value))
    if (other) yield problem(written, `"${other.value}" matches "${written.value}" too, so this one changes nothing. Remove it.`)
  }
}

/** Others have findings of their own; and beside a bare star the others say whom it means. */
const plainPath = /^\*?\/[\w./~%-]*\*?$/

/** Each is compared with each. */
const mostCompared = 200
