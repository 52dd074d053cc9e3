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
const onePort = '{ to: [{ operation: { ports: ["8080"] } }] }'

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
    [
      '{ from: [{ source: { principals: ["cluster.local/ns/shop/sa/a"], namespaces: [billing], ipBlocks: [10.0.0.0/8] } }] }',
      'a (shop) and also any pod of billing from 10.0.0.0/8 · any request',
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
    ['the only ALLOW', `{ ${checkout}, rules: [${onePort}] }`, '', 'Everyone else is refused: this is the only ALLOW policy of checkout.'],
    [
      'beside another ALLOW',
      `{ ${checkout}, rules: [${onePort}] }`,
      policy('other', '{ rules: [{}] }'),
      'Everyone else is refused unless shop/other admits them.',
    ],
    [
      'beside an ALLOW of another workload',
      `{ ${checkout}, rules: [${onePort}] }`,
      policy('other', '{ selector: { matchLabels: { app: frontend } }, rules: [{}] }'),
      'Everyone else is refused: this is the only ALLOW policy of checkout.',
    ],
    [
      'an ALLOW of everything',
      `{ ${checkout}, rules: [${onePort}, {}] }`,
      '',
      'It admits everyone that no DENY or CUSTOM policy refuses: a rule without conditions matches every request.',
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

  test.each<readonly [name: string, rules: string, warned: boolean]>([
    ['an identity in every source', '{ from: [{ source: { namespaces: [a] } }, { source: { principals: [b] } }] }', true],
    ['an identity in a condition', '{ when: [{ key: source.principal, values: [a] }] }', true],
    ['one source without identity', '{ from: [{ source: { namespaces: [a] } }, { source: { notPrincipals: ["*"] } }] }', false],
    ['one rule without identity', '{ from: [{ source: { namespaces: [a] } }] }, { to: [{ operation: { ports: ["1"] } }] }', false],
    ['a condition that only excludes', '{ when: [{ key: source.principal, notValues: [a] }] }', false],
  ])('under PERMISSIVE, a DENY with %s', (_, rules, warned) => {
    const { consequences } = described(`{ ${checkout}, action: DENY, rules: [${rules}] }`)
    expect(consequences.some(line => line.startsWith('Plaintext callers have no identity'))).toBe(warned)
  })

  test('no workload is said only where all are known', () => {
    expect(described('{ selector: { matchLabels: { app: nothing } }, rules: [{}] }').headline).toBe(
      'ALLOW · shop/subject → no workload (workloads with app=nothing in namespace shop)',
    )
  })
})

test('between two mTLS policies of which no age is known, no winner is named', () => {
  const peer = (name: string, mode: string) =>
    `---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: ${name}, namespace: shop }\nspec: { mtls: { mode: ${mode} } }\n`
  const { consequences } = described(`{ ${checkout}, rules: [${onePort}] }`, peer('a', 'STRICT') + peer('b', 'DISABLE'))
  expect(consequences).toContain('mTLS: the oldest of shop/a and shop/b decides; which that is, is not known here.')
})

describe('at ztunnel', () => {
  const pod = (name: string, annotations: string) =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop, labels: { app: ledger }, annotations: { ${annotations} } }\nspec: { containers: [{ name: app }${annotations ? '' : ', { name: istio-proxy }'}] }\nstatus: { phase: Running }\n`
  const ambient = pod('ledger', 'ambient.istio.io/redirection: enabled')
  const ledger = 'selector: { matchLabels: { app: ledger } }'
  const get = '{ to: [{ operation: { methods: [GET], paths: [/a] } }] }'
  const getOnPort = '{ to: [{ operation: { methods: [GET], ports: ["8080"] } }] }'

  test.each<readonly [name: string, spec: string, note: string | undefined, consequence: string]>([
    [
      'an ALLOW rule of HTTP admits nobody',
      `{ ${ledger}, rules: [${get}] }`,
      'ztunnel cannot judge methods or paths: this rule admits nobody there',
      'No rule that ztunnel can judge: every request is refused.',
    ],
    [
      'an ALLOW rule with a condition of HTTP too',
      `{ ${ledger}, rules: [{ when: [{ key: connection.sni, values: [a] }] }] }`,
      'ztunnel cannot judge connection.sni: this rule admits nobody there',
      'No rule that ztunnel can judge: every request is refused.',
    ],
    [
      'a DENY rule of HTTP refuses nobody',
      `{ ${ledger}, action: DENY, rules: [${get}] }`,
      'ztunnel cannot judge methods or paths: this rule refuses nobody there',
      'No rule that ztunnel can judge: it refuses nothing.',
    ],
    [
      'a DENY rule loses what is HTTP and refuses more',
      `{ ${ledger}, action: DENY, rules: [${getOnPort}] }`,
      'ztunnel cannot judge methods: this rule refuses anyone, callers without identity included · port 8080 there',
      'Refused before any ALLOW policy is looked at. Everything else is left to the ALLOW policies.',
    ],
    [
      'an ALLOW rule loses trust domains and admits more',
      `{ ${ledger}, rules: [{ from: [{ source: { namespaces: [a], trustDomains: [td] } }] }] }`,
      'ztunnel cannot judge trust domains: this rule admits any pod of a · any request there',
      'Everyone else is refused: this is the only ALLOW policy of ledger.',
    ],
    ['a rule of connections means what it says', `{ ${ledger}, rules: [${onePort}] }`, undefined, 'Enforced by ztunnel.'],
    [
      'an AUDIT is not sent',
      `{ ${ledger}, action: AUDIT, rules: [${onePort}] }`,
      undefined,
      'Not sent to ztunnel, which takes no AUDIT policies.',
    ],
    [
      'a CUSTOM asks nobody',
      `{ ${ledger}, action: CUSTOM, provider: { name: authz }, rules: [${onePort}] }`,
      undefined,
      'No external authorizer is asked.',
    ],
  ])('%s', (_, spec, note, consequence) => {
    const { rules, consequences } = described(spec, ambient)
    const notes = rules.flatMap(rule => /ztunnel .*$/.exec(rule)?.[0] ?? [])
    expect(notes).toEqual(note === undefined ? [] : [note])
    expect(consequences).toContain(consequence)
  })

  test('beside a sidecar, each is said to do what it does', () => {
    const { rules, consequences } = described(`{ ${ledger}, rules: [${get}] }`, ambient + pod('ledger-2', ''))
    expect(rules).toEqual([
      'anyone, callers without identity included · GET /a · other proxies enforce it as written; ztunnel cannot judge methods or paths: this rule admits nobody there',
    ])
    expect(consequences).toContain('Everyone else is refused: this is the only ALLOW policy of ledger and ledger-2.')
  })
})

describe('a Service as target', () => {
  const spec = `{ targetRefs: [{ kind: Service, group: "", name: checkout }], rules: [${onePort}] }`
  const nothing = ['No waypoint serves Service checkout, so nothing enforces this.']
  const service = (labels: string) =>
    `---\napiVersion: v1\nkind: Service\nmetadata: { name: checkout, namespace: shop, labels: { ${labels} } }\nspec: { selector: { app: checkout } }\n`
  const namespace = '---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { istio.io/use-waypoint: wp } }\n'

  test.each([
    ['without a waypoint', '', nothing],
    ['taken out of the waypoint of its namespace', service('istio.io/use-waypoint: none') + namespace, nothing],
    ['of a namespace with a waypoint', namespace, ['Everyone else is refused unless another ALLOW policy admits them.']],
    ['with a waypoint', service('istio.io/use-waypoint: wp'), ['Everyone else is refused unless another ALLOW policy admits them.']],
  ])('%s', (_, more, consequences) => {
    expect(described(spec, more).consequences).toEqual(consequences)
  })
})
