import { wordAt } from '../../istio/schema/decoded.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { endsInDotStar, faultOfPath } from '../../istio/values/requestPath.ts'
import { strayCharacter } from '../../istio/values/strayCharacter.ts'
import type { Located } from '../../yaml/tree.ts'
import { type Problem, problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'path-form',
  on: 'schema',
  of: ['path'],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A path that is a URL, a regular expression, relative, or has a query.',
  why: 'The path of a request starts with a slash and is compared without its query.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            paths: ["/search?q=*"]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            paths: [/search, "/odata/$metadata", "*.html"]
`,

  *check(visit) {
    for (const written of comparedValues(visit)) if (!strayCharacter(written.value, 'name')) yield* faultsOf(written, visit)
  },
} satisfies SchemaRule

function* faultsOf(written: Located<string>, visit: Visit): Generator<Problem> {
  const { value } = written
  const fault = faultOfPath(value)
  if (fault) {
    yield problem(written, `No request has the path "${value}". ${fault.why}`, ...(fault.meant ? [replacement(written, fault.meant)] : []))
  } else if (endsInDotStar(value) && isAdmitted(visit)) {
    const message = `"${value}" is no regular expression: only paths with a dot after the slash match. Write "*" without the dot.`
    yield problem(written, message, replacement(written, value.replace(/\.\*$/, '*')))
  }
}

/** Nobody admits hidden files only; to refuse them is usual. */
function isAdmitted({ name, object }: Visit): boolean {
  const spec = object.fields.object('spec')
  return name === 'paths' && spec !== undefined && wordAt(spec, 'action') === 'ALLOW'
}
