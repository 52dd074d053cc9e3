import { parseDuration } from '../../istio/values/duration.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Judgement, judged, problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'invalid-duration',
  on: 'schema',
  severity: 'error',
  istio: ['webhook', 'crd', 'strict'],
  summary: 'A duration without a unit, or with one that Istio does not know.',
  why: 'Durations are a number with a unit (ns, us, ms, s, m, h), such as 500ms or 1h30m. Istio and the API server refuse anything else.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      timeout: 1d
`,
  good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      timeout: 24h
`,

  *check({ schema, node, name }) {
    if (schema.type !== 'duration' || node.kind !== 'scalar' || typeof node.value !== 'string' || isPlaceholder(node.value)) return
    const value = parseDuration(node.value)
    if (value === undefined) {
      const meant = /^\d+$/.test(node.value) ? `${node.value}s` : parseDuration(node.value.toLowerCase()) && node.value.toLowerCase()
      const who = schema.positive ? 'the API server' : 'Istio'
      const what = `"${node.value}" is no duration for "${name}", so ${who} refuses the object. Write a number with a unit: ns, us, ms, s, m or h.`
      const judgement: Judgement = schema.positive ? ['webhook', 'crd', 'strict'] : ['webhook', 'strict']
      yield judged(judgement, meant ? problem(node, what, replacement(node, meant)) : problem(node, what))
    } else if (schema.positive && value < 1) {
      const judgement: Judgement = schema.positive === 'crd' ? ['crd'] : ['webhook', 'crd']
      yield judged(judgement, problem(node, `"${name}" must be at least 1ms, so the API server refuses the object.`))
    }
  },
} satisfies SchemaRule
