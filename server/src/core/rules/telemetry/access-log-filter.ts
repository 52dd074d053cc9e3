import { celSyntaxError } from '../../istio/cel/syntax.ts'
import { accessLogFilter } from '../../istio/schema/telemetry.ts'
import { isUnknown } from '../../istio/schema/values.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'access-log-filter',
  on: 'schema',
  of: [accessLogFilter],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The filter of an access log is no CEL expression.',
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

  *check({ fields }) {
    const expression = fields.text('expression')
    if (!expression?.value || isUnknown(fields.get('expression'))) return
    const error = celSyntaxError(expression.value)
    if (!error) return
    const where = error.found === '' ? 'It ends too early.' : `CEL cannot read it from "${error.found}" on.`
    yield problem(expression, `"${expression.value}" is no CEL expression, so Istio refuses the object. ${where}`)
  },
} satisfies SchemaRule
