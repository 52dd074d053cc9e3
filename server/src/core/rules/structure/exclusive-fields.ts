import { type Judgement, judged, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'exclusive-fields',
  on: 'schema',
  severity: 'error',
  istio: ['crd'],
  summary: 'Two fields of which only one can be set.',
  why: 'The API server refuses the object, because it cannot know which one is meant.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwksUri: https://idp.example.com/keys
      jwks: '{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}'
`,
  good: `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwksUri: https://idp.example.com/keys
`,

  *check({ schema, fields }) {
    if (schema.type !== 'object') return
    for (const { fields: group, refusedBy } of schema.oneOf ?? []) {
      const written = group.filter(name => fields.has(name))
      const [first, second] = written
      if (first === undefined || second === undefined) continue
      const set = written.filter(name => fields.isSet(name))
      const judgement: Judgement = refusedBy === 'both' && set.length > 1 ? ['webhook', 'crd'] : ['crd']
      const message = `"${first}" and "${second}" cannot both be set in ${schema.name}, so the API server refuses the object. Remove one.`
      yield judged(judgement, problem(fields.key(second) ?? fields.node ?? { start: 0, end: 0 }, message))
    }
  },
} satisfies SchemaRule
