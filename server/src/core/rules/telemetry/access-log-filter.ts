import { accessLogFilter } from '../../istio/schema/telemetry.ts'
import { isUnknown } from '../../istio/schema/values.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'access-log-filter',
  on: 'schema',
  of: [accessLogFilter],
  severity: 'error',
  istio: ['webhook'],
  summary: 'An access log filter is no CEL expression.',
  why: 'Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: audit, namespace: shop }
spec:
  accessLogging:
    - filter: { expression: response.code => 400 }
`,
  good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: audit, namespace: shop }
spec:
  accessLogging:
    - filter: { expression: response.code >= 400 }
`,

  *check({ fields }, { cel }) {
    const expression = fields.text('expression')
    if (!expression?.value || isUnknown(fields.get('expression'))) return
    const at = cel?.errorAt(expression.value)
    if (at === undefined) return
    yield problem(expression, `"${expression.value}" is no CEL expression, so Istio refuses the object. ${where(expression.value, at)}`)
  },
} satisfies SchemaRule

function where(expression: string, at: number): string {
  const rest = expression.slice(at).trim()
  if (rest === '') return 'It ends too soon: something is missing.'
  return at === 0 ? 'Write one such as "response.code >= 400".' : `CEL cannot read it from "${rest}" on: correct it there.`
}
