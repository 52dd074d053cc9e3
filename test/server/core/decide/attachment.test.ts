import { expect, test } from 'vitest'
import { workloadsOf } from '../../../../server/src/core/decide/attachment.ts'
import { clusterMesh } from '../../../support/mesh.ts'

const world = `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: app }, { name: istio-proxy }] }
---
apiVersion: v1
kind: Pod
metadata: { name: ambient, namespace: shop, labels: { app: ambient }, annotations: { ambient.istio.io/redirection: enabled } }
spec: { containers: [{ name: app }] }
---
apiVersion: v1
kind: Pod
metadata: { name: edge-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: edge } }
spec: { containers: [{ name: istio-proxy }] }
---
apiVersion: v1
kind: Pod
metadata: { name: wp-1, namespace: shop, labels: { gateway.networking.k8s.io/gateway-name: wp } }
spec: { containers: [{ name: istio-proxy }] }
---
apiVersion: v1
kind: Pod
metadata: { name: far, namespace: other, labels: { app: web } }
spec: { containers: [{ name: app }, { name: istio-proxy }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: wp, namespace: shop }
spec: { gatewayClassName: istio-waypoint }
---
apiVersion: v1
kind: Service
metadata: { name: ambient, namespace: shop, labels: { istio.io/use-waypoint: wp } }
spec: { selector: { app: ambient } }
---
apiVersion: v1
kind: Service
metadata: { name: far, namespace: shop, labels: { istio.io/use-waypoint: wp, istio.io/use-waypoint-namespace: other } }
spec: { selector: { app: ambient } }
---
apiVersion: v1
kind: Service
metadata: { name: out, namespace: shop, labels: { istio.io/use-waypoint: none } }
spec: { selector: { app: ambient } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: wp, namespace: other }
spec: { gatewayClassName: istio-waypoint }
---
apiVersion: v1
kind: Pod
metadata: { name: wp-2, namespace: other, labels: { gateway.networking.k8s.io/gateway-name: wp } }
spec: { containers: [{ name: istio-proxy }] }
---
apiVersion: v1
kind: Service
metadata: { name: alone, namespace: shop }
spec: { selector: { app: web } }
`

test.each<readonly [name: string, namespace: string, spec: string, workloads: readonly string[]]>([
  ['no selector: the namespace, but no waypoint', 'shop', '{}', ['ambient', 'edge-1', 'web']],
  ['a selector', 'shop', '{ selector: { matchLabels: { app: web } } }', ['web']],
  ['an empty selector, which ztunnel leaves out', 'shop', '{ selector: {} }', ['edge-1', 'web']],
  ['the root namespace reaches every namespace', 'istio-system', '{ selector: { matchLabels: { app: web } } }', ['far', 'web']],
  ['a Gateway', 'shop', '{ targetRefs: [{ kind: Gateway, group: gateway.networking.k8s.io, name: edge }] }', ['edge-1']],
  ['a Gateway of another namespace', 'other', '{ targetRefs: [{ kind: Gateway, group: gateway.networking.k8s.io, name: edge }] }', []],
  ['the single form of a target', 'shop', '{ targetRef: { kind: Gateway, group: gateway.networking.k8s.io, name: wp } }', ['wp-1']],
  ['a Service behind a waypoint', 'shop', '{ targetRefs: [{ kind: Service, group: "", name: ambient }] }', ['wp-1']],
  ['a Service behind a waypoint of another namespace', 'shop', '{ targetRefs: [{ kind: Service, group: "", name: far }] }', ['wp-2']],
  ['a Service taken out of it', 'shop', '{ targetRefs: [{ kind: Service, group: "", name: out }] }', []],
  ['a Service without a waypoint', 'shop', '{ targetRefs: [{ kind: Service, group: "", name: alone }] }', []],
  [
    'the class of waypoints, from the root namespace',
    'istio-system',
    '{ targetRefs: [{ kind: GatewayClass, group: gateway.networking.k8s.io, name: istio-waypoint }] }',
    ['wp-1', 'wp-2'],
  ],
  [
    'the class of waypoints, from elsewhere',
    'shop',
    '{ targetRefs: [{ kind: GatewayClass, group: gateway.networking.k8s.io, name: istio-waypoint }] }',
    [],
  ],
])('%s', (_, namespace, spec, workloads) => {
  const mesh = clusterMesh(
    `${world}---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: p, namespace: ${namespace} }\nspec: ${spec}\n`,
  )
  const [policy] = mesh.all('AuthorizationPolicy')
  expect(
    policy &&
      workloadsOf(policy, mesh)
        .map(({ name }) => name)
        .toSorted(),
  ).toEqual(workloads)
})
