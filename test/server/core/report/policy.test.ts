import { describe, expect, test } from 'vitest'
import { describePolicy } from '../../../../server/src/core/report/policy.ts'
import { clusterMesh } from '../../../support/mesh.ts'
import { shop } from '../features/worlds.ts'

const policy = (name: string, spec: string) =>
  `---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: ${name}, namespace: shop }\nspec: ${spec}\n`
const described = (spec: string, more = '') => {
  const mesh = clusterMesh(shop + policy('subject', spec) + more)
  const subject = mesh.find('AuthorizationPolicy', 'shop', 'subject')
  if (!subject) throw new Error('no policy')
  return describePolicy(subject, mesh)
}
const checkout = 'selector: { matchLabels: { app: checkout } }'

describe('a rule in words', () => {
  test.each([
    ['{}', 'anyone, callers without identity included · any request'],
    ['{ from: [{ source: { principals: ["*"] } }] }', 'any caller with a mesh identity · any request'],
    [
      '{ from: [{ source: { principals: ["cluster.local/ns/shop/sa/web", "td/ns/shop/sa/far"] } }] }',
      'web (shop) or far (shop, trust domain td) · any request',
    ],
    [
      '{ from: [{ source: { namespaces: [billing], notPrincipals: ["cluster.local/ns/billing/sa/bad"] } }] }',
      'any pod of billing except bad (billing) · any request',
    ],
    ['{ from: [{ source: { serviceAccounts: [web, other/web] } }] }', 'web (shop) or web (other) · any request'],
    ['{ from: [{ source: { notIpBlocks: [10.0.0.0/8] } }] }', 'anyone except 10.0.0.0/8 · any request'],
    [
      '{ to: [{ operation: { methods: [GET], notPaths: [/admin*], ports: ["8080"] } }] }',
      'anyone, callers without identity included · GET port 8080 not /admin*',
    ],
    [
      '{ when: [{ key: "request.headers[x-tenant]", values: [a, b], notValues: [c] }] }',
      'anyone, callers without identity included · any request · if request.headers[x-tenant] is a or b and is not c',
    ],
  ])('%s', (rule, words) => {
    expect(described(`{ ${checkout}, rules: [${rule}] }`).rules).toEqual([words])
  })
})

describe('what follows', () => {
  test.each<readonly [name: string, spec: string, more: string, line: string]>([
    ['the only ALLOW', `{ ${checkout}, rules: [{}] }`, '', 'Everyone else is refused: this is the only ALLOW policy of checkout.'],
    [
      'beside another ALLOW',
      `{ ${checkout}, rules: [{}] }`,
      policy('other', '{ rules: [{}] }'),
      'Everyone else is refused unless shop/other admits them.',
    ],
    [
      'beside an ALLOW of another workload',
      `{ ${checkout}, rules: [{}] }`,
      policy('other', '{ selector: { matchLabels: { app: frontend } }, rules: [{}] }'),
      'Everyone else is refused: this is the only ALLOW policy of checkout.',
    ],
    ['ALLOW without rules', `{ ${checkout} }`, '', 'No rules: every request is refused.'],
    [
      'DENY',
      `{ ${checkout}, action: DENY, rules: [{}] }`,
      '',
      'Refused before any ALLOW policy is looked at. Everything else is left to the ALLOW policies.',
    ],
    ['DENY without rules', `{ ${checkout}, action: DENY }`, '', 'No rules: it refuses nothing.'],
    ['AUDIT', `{ ${checkout}, action: AUDIT, rules: [{}] }`, '', 'Marks requests for telemetry and decides nothing.'],
    [
      'CUSTOM',
      `{ ${checkout}, action: CUSTOM, provider: { name: authz }, rules: [{}] }`,
      '',
      'Asks the external authorizer authz first; DENY and ALLOW policies still apply.',
    ],
    [
      'a DENY of identities under PERMISSIVE',
      `{ ${checkout}, action: DENY, rules: [{ from: [{ source: { namespaces: [bad] } }] }] }`,
      '',
      'Plaintext callers have no identity, so this DENY does not stop them until the mode is STRICT.',
    ],
  ])('%s', (_, spec, more, line) => {
    expect(described(spec, more).consequences).toContain(line)
  })

  test('no workload is said only where all are known', () => {
    expect(described('{ selector: { matchLabels: { app: nothing } }, rules: [{}] }').headline).toBe(
      'ALLOW · shop/subject → no workload (workloads with app=nothing in namespace shop)',
    )
  })
})
