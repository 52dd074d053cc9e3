// What the recording does not show: worlds that are not seen completely. Source: istio/istio:pilot/pkg/serviceregistry/ambient/policies.go.
import { expect, test } from 'vitest'
import { conditionsOf } from '../../../../../server/src/core/decide/ambient/conditions.ts'
import { clusterMesh, fileMesh } from '../../../../support/mesh.ts'

function policy(targets: string, namespace = 'shop'): string {
  return `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: it, namespace: ${namespace} }
spec: { targetRefs: [${targets}], rules: [{}] }
---
`
}

const waypoint = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: wp, namespace: shop }
spec: { gatewayClassName: istio-waypoint, listeners: [{ name: mesh, port: 15008, protocol: HBONE }] }
`

const service = '{ kind: Service, group: "", name: pay }'
const partial = [
  [policy(service), 'Not known here: Service shop/pay.'],
  [policy('{ kind: Gateway, group: gateway.networking.k8s.io, name: wp }') + waypoint, 'Not known here: whether Gateway shop/wp is ready.'],
  [policy('{ kind: Service, name: "${NAME}" }'), 'Not known here: what ${NAME} stands for.'],
  [policy('{ kind: GatewayClass, name: mine }', 'istio-system'), 'Not known here: GatewayClass mine.'],
] as const

test.each(partial)('files that are not everything: %#', (yaml, message) => {
  const mesh = fileMesh(yaml)
  expect(mesh.all('AuthorizationPolicy').flatMap(each => conditionsOf(each, mesh))).toEqual([
    { type: 'WaypointAccepted', status: 'Unknown', reason: 'unknown', message },
  ])
})

test("istiod's own class needs no object", () => {
  const mesh = clusterMesh(policy('{ kind: GatewayClass, group: gateway.networking.k8s.io, name: istio-waypoint }', 'istio-system'))
  expect(mesh.all('AuthorizationPolicy').flatMap(each => conditionsOf(each, mesh))).toMatchObject([
    { status: 'True', reason: 'Accepted', message: 'bound to istio-waypoint' },
  ])
})

const listeners = [
  ['{ from: All }', 'True'],
  ['{ from: Same }', 'False'],
  ['{ from: Selector, selector: { matchLabels: { team: web } } }', 'True'],
  ['{ from: Selector, selector: { matchLabels: { team: pay } } }', 'False'],
  ['{ from: Selector, selector: { matchExpressions: [{ key: team, operator: Exists }] } }', 'Unknown'],
] as const

test.each(listeners)('a waypoint of another namespace with %s', (namespaces, status) => {
  const mesh = clusterMesh(`${policy(service, 'web')}
apiVersion: v1
kind: Namespace
metadata: { name: web, labels: { team: web } }
---
apiVersion: v1
kind: Service
metadata: { name: pay, namespace: web, labels: { istio.io/use-waypoint: wp, istio.io/use-waypoint-namespace: shop } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: wp, namespace: shop }
spec: { gatewayClassName: istio-waypoint, listeners: [{ port: 15008, protocol: HBONE, allowedRoutes: { namespaces: ${namespaces} } }] }
status: { addresses: [{ value: wp.shop }] }
`)
  expect(mesh.all('AuthorizationPolicy').flatMap(each => conditionsOf(each, mesh))).toMatchObject([{ status }])
})
