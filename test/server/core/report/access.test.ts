// Who can call, as people read it.
import { expect, test } from 'vitest'
import { callableBy } from '../../../../server/src/core/decide/access/callableBy.ts'
import { callersOf } from '../../../../server/src/core/decide/access/callersOf.ts'
import { conditionOn, overHttp, withoutHttp } from '../../../../server/src/core/decide/access/condition.ts'
import { nameOf } from '../../../../server/src/core/decide/access/outcome.ts'
import { workloadNamed } from '../../../../server/src/core/policytest/workloadNamed.ts'
import { accessText, callableText, type Words } from '../../../../server/src/core/report/access.ts'
import { accessReport } from '../../../../server/src/core/report/accessReport.ts'
import { conditionText, conjunctionTexts, refusalText } from '../../../../server/src/core/report/conditions.ts'
import { clusterMesh } from '../../../support/mesh.ts'
import { shop } from '../policytest/shop.ts'

const mesh = clusterMesh(shop)
const words: Words = { placeOf: by => (nameOf(by).endsWith('rule 0') ? 'policies.yaml:7' : undefined), color: false }

function workload(name: string) {
  const found = workloadNamed(mesh, name)
  if (!found) throw new Error(`no workload ${name}`)
  return found
}

test('callers that get the same stand together, each condition beside the rule that asks for it', () => {
  expect(accessText(callersOf(mesh, workload('shop/checkout'), 8080), words)).toBe(`Who can call shop/checkout on port 8080 · sidecar

Allowed when
  shop/frontend  method GET                  shop/callers rule 0 · policies.yaml:7
                 or address in 192.0.2.0/24  shop/callers rule 1
                 unless path /admin*         shop/no-admin rule 0 · policies.yaml:7
  any other identity, plaintext (shop/nobody), shop/checkout, shop/database, shop/db and shop/vm
    address in 192.0.2.0/24  shop/callers rule 1
    unless path /admin*      shop/no-admin rule 0 · policies.yaml:7
`)
})

test('nobody is left out, whatever the width', () => {
  const many = clusterMesh(
    shop +
      Array.from(
        { length: 90 },
        (_, index) => `---
apiVersion: v1
kind: Pod
metadata: { name: batch-${index}, namespace: jobs-of-the-department }
spec: { serviceAccountName: batch-${index}, containers: [{ name: app }] }
status: { phase: Running }
`,
      ).join(''),
  )
  const callee = workloadNamed(many, 'shop/checkout')
  if (!callee) throw new Error('no workload')
  for (const width of [undefined, 60, 100]) {
    const text = accessText(callersOf(many, callee, 8080), { ...words, ...(width === undefined ? {} : { width }) })
    expect(text).not.toMatch(/and \d+ more|…/)
    for (let index = 0; index < 90; index++) expect(text).toMatch(new RegExp(`/batch-${index}\\b`))
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width ?? Number.POSITIVE_INFINITY)
  }
})

test('what a workload can call', () => {
  expect(
    callableText(callableBy(mesh, workload('shop/frontend')), words),
  ).toBe(`What shop/frontend can call, as cluster.local/ns/shop/sa/frontend

Allowed
  shop/database, shop/db and shop/frontend  no policy stands in its way

Allowed when
  shop/checkout  method GET                  shop/callers rule 0 · policies.yaml:7
                 or address in 192.0.2.0/24  shop/callers rule 1
                 unless path /admin*         shop/no-admin rule 0 · policies.yaml:7
`)
})

test('what a rule leaves over by refusing all else is no further way in', () => {
  const deny = `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: get-only, namespace: shop }
spec: { action: DENY, rules: [{ to: [{ operation: { notMethods: [GET] } }] }] }
`
  const strict = clusterMesh(shop + deny)
  const callee = workloadNamed(strict, 'shop/frontend')
  if (!callee) throw new Error('no workload')
  expect(accessText(callersOf(strict, callee, 8080), words)).toMatch(/ only HTTP +shop\/get-only rule 0/)
})

test('the report has the fields of the contract', () => {
  const report = accessReport(callersOf(mesh, workload('shop/checkout'), 8080), () => undefined)
  expect(report).toMatchObject({ version: 1, to: { workload: 'shop/checkout', port: 8080 }, enforcer: 'sidecar' })
  expect(report.callers.find(({ principal }) => principal.endsWith('/frontend'))).toMatchObject({
    principal: 'cluster.local/ns/shop/sa/frontend',
    workloads: ['shop/frontend'],
    decision: 'conditional',
    when: ['method GET, or address in 192.0.2.0/24', 'unless path /admin*'],
    by: [
      { policy: 'shop/callers', rule: 0 },
      { policy: 'shop/callers', rule: 1 },
      { policy: 'shop/no-admin', rule: 0 },
    ],
    ways: [
      { when: ['method GET'], by: { policy: 'shop/callers', rule: 0 } },
      { when: ['address in 192.0.2.0/24'], by: { policy: 'shop/callers', rule: 1 } },
    ],
    unless: [{ when: ['path /admin*'], by: { policy: 'shop/no-admin', rule: 0 }, provider: null }],
  })
  expect(report.plaintext).toMatchObject({ decision: 'conditional', workloads: ['shop/nobody'] })
})

test.each([
  ['method GET or POST', conditionOn({ aspect: 'method' }, false, ['GET', 'POST'])],
  ['path /cart*', conditionOn({ aspect: 'path' }, false, ['/cart*'])],
  ['not path /admin*', conditionOn({ aspect: 'path' }, true, ['/admin*'])],
  ['host shop.example.com', conditionOn({ aspect: 'host' }, false, ['shop.example.com'])],
  ['token from https://id.example.net', conditionOn({ aspect: 'token' }, false, ['https://id.example.net/*'])],
  ['token from https://id.example.net for alice', conditionOn({ aspect: 'token' }, false, ['https://id.example.net/alice'])],
  ['token of *@example.com', conditionOn({ aspect: 'token' }, false, ['*@example.com'])],
  ['valid token', conditionOn({ aspect: 'token' }, false, ['*'])],
  ['not valid token', conditionOn({ aspect: 'token' }, true, ['*'])],
  ['token claim groups: dev', conditionOn({ aspect: 'claim', name: 'groups' }, false, ['dev'])],
  ['token audience web', conditionOn({ aspect: 'audience' }, false, ['web'])],
  ['header x-tenant: a or b', conditionOn({ aspect: 'header', name: 'x-tenant' }, false, ['a', 'b'])],
  ['header x-tenant', conditionOn({ aspect: 'header', name: 'x-tenant' }, false, ['*'])],
  ['address in 10.0.0.0/8', conditionOn({ aspect: 'address' }, false, ['10.0.0.0/8'])],
  ['client address 10.0.0.1', conditionOn({ aspect: 'client address' }, false, ['10.0.0.1'])],
  ['port 8080', conditionOn({ aspect: 'port' }, false, ['8080'])],
  ['HTTP', overHttp],
  ['TCP without HTTP', withoutHttp],
])('%s', (text, condition) => expect(conditionText(condition)).toBe(text))

test('what goes without saying is not said', () => {
  const get = conditionOn({ aspect: 'method' }, false, ['GET'])
  const notAdmin = conditionOn({ aspect: 'path' }, true, ['/admin'])
  expect(conjunctionTexts([overHttp, get])).toEqual(['method GET'])
  expect(conjunctionTexts([notAdmin, overHttp])).toEqual(['HTTP', 'not path /admin'])
  const by = { published: 'x' }
  expect(refusalText({ when: [notAdmin], by })).toBe('path /admin')
  expect(refusalText({ when: [withoutHttp], by })).toBe('HTTP')
  expect(refusalText({ when: [get], by })).toBe('unless method GET')
  expect(refusalText({ when: [], by, authorizer: 'ext' })).toBe('if provider ext allows')
})
