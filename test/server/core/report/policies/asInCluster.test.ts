import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFile } from '../../../../../server/src/core/istio/file.ts'
import { readObject } from '../../../../../server/src/core/istio/read.ts'
import { textAsInCluster } from '../../../../../server/src/core/report/policies/asInCluster.ts'
import { driftOf } from '../../../../../server/src/core/report/policies/drift.ts'
import { writeYaml } from '../../../../../server/src/core/yaml/write.ts'
import { arbitraryObject } from '../../../../support/arbitraryObject.ts'

const live = { from: 'cluster', context: 'prod' } as const

function asInCluster(text: string, object: unknown): string {
  const cluster = readObject(object, live)
  const [document] = readFile('file:///pay.yaml', text).documents
  if (!cluster || !document?.root) throw new Error('nothing to compare')
  return textAsInCluster(text, document.root, cluster)
}

const file = `# Who may pay.
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pay
  namespace: shop
spec:
  action: "ALLOW" # for now
  selector: { matchLabels: { app: pay } }
  rules:
    # The shop.
    - to:
        - operation:
            methods: ['GET', POST]
            ports:
              - "80"
              - "81"
    - when: []
`

const spec = (rules: unknown, more: object = {}) => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'AuthorizationPolicy',
  metadata: { name: 'pay', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { action: 'ALLOW', selector: { matchLabels: { app: 'pay' } }, rules, ...more },
})
const operation = (methods: readonly string[], ports: readonly string[]) => ({ to: [{ operation: { methods, ports } }] })

test('what says the same stays as it is written', () => {
  expect(asInCluster(file, spec([operation(['GET', 'POST'], ['80', '81']), {}]))).toBe(file)
})

test.each([
  ['a value', spec([operation(['GET', 'POST'], ['80', '82']), {}]), (text: string) => text.replace('"81"', '"82"')],
  [
    'a quoted value',
    spec([operation(['GET', 'POST'], ['80', '81']), {}], { action: 'DENY' }),
    (text: string) => text.replace('"ALLOW"', '"DENY"'),
  ],
  ['a list in brackets', spec([operation(['GET'], ['80', '81']), {}]), (text: string) => text.replace("['GET', POST]", '[GET]')],
  ['one less', spec([operation(['GET', 'POST'], ['80']), {}]), (text: string) => text.replace('              - "81"\n', '')],
  [
    'one more',
    spec([operation(['GET', 'POST'], ['80', '81', '82']), {}]),
    (text: string) => text.replace('"81"\n', '"81"\n              - "82"\n'),
  ],
  [
    'a field more',
    spec([operation(['GET', 'POST'], ['80', '81']), { from: [{ source: { namespaces: ['shop'] } }] }]),
    (text: string) =>
      text.replace('- when: []\n', '- when: []\n      from:\n        - source:\n            namespaces:\n              - shop\n'),
  ],
  ['a field less', spec([operation(['GET', 'POST'], []), {}]), (text: string) => text.replace(/ {12}ports:\n.*\n.*\n/, '')],
])('%s: only that line changes', (_, object, change) => expect(asInCluster(file, object)).toBe(change(file)))

test('the text says what the cluster has, whatever both are', () => {
  fc.assert(
    fc.property(arbitraryObject, arbitraryObject, fc.boolean(), (one, other, flow) => {
      fc.pre(one.kind === other.kind && one.apiVersion === other.apiVersion && !JSON.stringify(one).includes('${'))
      const text = flow ? JSON.stringify(one, null, 2) : writeYaml(one).text
      const cluster = readObject(other, live)
      fc.pre(cluster !== undefined)
      const [document] = readFile('file:///x.yaml', asInCluster(text, other)).documents
      expect(document?.problems).toEqual([])
      expect(driftOf(document?.root, cluster)).toEqual([])
    }),
    { numRuns: 300 },
  )
})
