// Where the world may hold more, the answer is unknown, and beside it stands what is known so far.
import { expect, test } from 'vitest'
import { asFarAsKnown } from '../../../../../server/src/core/decide/authorization/asFarAsKnown.ts'
import { authorize } from '../../../../../server/src/core/decide/authorization/authorize.ts'
import { readFile } from '../../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../../server/src/core/mesh/build.ts'
import { connectionOf } from '../../../../../server/src/core/policytest/connectionOf.ts'
import { readQuestion } from '../../../../../server/src/core/policytest/read.ts'
import { fromJson } from '../../../../../server/src/core/yaml/tree.ts'

const { resources } = readFile(
  'file:///shop.yaml',
  `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Pod
metadata: { name: checkout, namespace: shop, labels: { app: checkout } }
spec: { serviceAccountName: checkout, containers: [{ name: checkout, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }] }
status: { phase: Running, podIP: 10.0.0.7 }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: readers, namespace: shop }
spec:
  rules:
    - from: [{ source: { principals: [cluster.local/ns/shop/sa/web] } }]
      to: [{ operation: { methods: [GET] } }]
`,
)
const open = buildMesh({ files: resources, closedWorld: false })
const closed = buildMesh({ files: resources, closedWorld: true })

function asked(request: object, mesh = open) {
  const from = { principal: 'cluster.local/ns/shop/sa/web' }
  const { question } = readQuestion(fromJson({ from, to: { workload: 'shop/checkout', port: 8080 }, request }))
  const connection = question && connectionOf(question, mesh)
  if (!connection?.ok) throw new Error('no question')
  return connection.value
}

test.each([
  ['GET', 'allow'],
  ['PUT', 'deny'],
])('a %s: unknown, and as far as known %s, as in a world that is known to hold no more', (method, decision) => {
  const connection = asked({ method, path: '/', host: 'checkout' })
  expect(authorize(connection, open).decision).toBe('unknown')
  expect(asFarAsKnown(connection, open)?.decision).toBe(decision)
  expect(authorize(asked({ method, path: '/', host: 'checkout' }, closed), closed).decision).toBe(decision)
})

test('what hangs on the request itself stays open', () => {
  expect(asFarAsKnown(asked({ path: '/', host: 'checkout' }), open)).toBeUndefined()
})
