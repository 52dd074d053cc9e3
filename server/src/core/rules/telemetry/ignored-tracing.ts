import type { Fields } from '../../istio/schema/fields.ts'
import { telemetrySpec } from '../../istio/schema/telemetry.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'ignored-tracing',
  on: 'schema',
  of: [telemetrySpec],
  severity: 'warning',
  istio: 'warns',
  summary: 'Several tracing entries, or several providers of one.',
  why: 'Istio supports one of each. The others may have no effect.',
  codes: [],
  bad: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: tracing, namespace: shop }
spec:
  tracing:
    - providers: [{ name: otel }, { name: zipkin }]
`,
  good: `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: tracing, namespace: shop }
spec:
  tracing:
    - providers: [{ name: otel }]
`,

  *check({ fields }) {
    yield* beyondFirst(fields, 'tracing', 'tracing entry')
    for (const tracing of fields.objects('tracing')) yield* beyondFirst(tracing, 'providers', 'provider for tracing')
  },
} satisfies SchemaRule

function* beyondFirst(fields: Fields, list: string, what: string): Generator<Problem> {
  const key = fields.key(list)
  if (key && fields.items(list).length > 1)
    yield problem(key, `Istio supports one ${what}, so it warns and the others may have no effect. Keep one.`)
}
