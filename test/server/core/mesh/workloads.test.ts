import { describe, expect, test } from 'vitest'
import { clusterMesh, fileMesh } from '../../../support/mesh.ts'

const pod = (metadata: string, spec: string, status = '{ phase: Running }') =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: web-1, namespace: shop, ${metadata} }\nspec: ${spec}\nstatus: ${status}\n`
const namespace = (labels: string) => `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { ${labels} } }\n`
const gateway = (className: string) =>
  `---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: edge, namespace: shop }\nspec: { gatewayClassName: ${className} }\n`
const ofGateway = 'labels: { gateway.networking.k8s.io/gateway-name: edge }'
const proxied = '{ containers: [{ name: app }, { name: istio-proxy }] }'
const bare = '{ containers: [{ name: app }] }'

describe('which proxy carries the traffic of a pod of the cluster', () => {
  test.each([
    ['a sidecar', pod('', proxied), 'sidecar'],
    [
      'a native sidecar',
      pod('', '{ containers: [{ name: app }], initContainers: [{ name: istio-proxy, restartPolicy: Always }] }'),
      'sidecar',
    ],
    [
      'an init container that ends is no sidecar',
      pod('', '{ containers: [{ name: app }], initContainers: [{ name: istio-proxy }] }'),
      'none',
    ],
    ['a classic gateway: a proxy alone', pod('', '{ containers: [{ name: istio-proxy }] }'), 'gateway'],
    ['ztunnel itself', pod('labels: { app: ztunnel, istio.io/dataplane-mode: none }', '{ containers: [{ name: istio-proxy }] }'), 'none'],
    ['a gateway of the Gateway API', pod(ofGateway, '{ containers: [{ name: istio-proxy }] }') + gateway('istio'), 'gateway'],
    ['a waypoint', pod(ofGateway, '{ containers: [{ name: istio-proxy }] }') + gateway('istio-waypoint'), 'waypoint'],
    ['ambient', pod('annotations: { ambient.istio.io/redirection: enabled }', bare), 'ztunnel'],
    ['enrolled in ambient, but not redirected', pod('', bare) + namespace('istio.io/dataplane-mode: ambient'), 'none'],
    [
      'starting in an ambient namespace, not redirected yet',
      pod('', bare, '{ phase: Pending }') + namespace('istio.io/dataplane-mode: ambient'),
      'unknown',
    ],
    ['starting, ambient by its own label', pod('labels: { istio.io/dataplane-mode: ambient }', bare, '{ phase: Pending }'), 'unknown'],
    [
      'starting, taken out of the ambient namespace',
      pod('labels: { istio.io/dataplane-mode: none }', bare, '{ phase: Pending }') + namespace('istio.io/dataplane-mode: ambient'),
      'none',
    ],
    ['injection enabled after the pod was made', pod('', bare) + namespace('istio-injection: enabled'), 'none'],
    ['the network of the host', pod('', '{ hostNetwork: true, containers: [{ name: app }] }'), 'none'],
  ])('%s', (_, yaml, proxy) => {
    expect(clusterMesh(yaml).workloads.map(each => each.proxy)).toEqual([proxy])
  })
})

describe('which proxy a pod of a file will have', () => {
  const written = (metadata: string, spec = bare) => pod(metadata, spec, '{}')
  test.each([
    ['nothing known', written(''), 'unknown'],
    ['injection of the namespace', written('') + namespace('istio-injection: enabled'), 'sidecar'],
    [
      'injection of the namespace refused by the pod',
      written('labels: { sidecar.istio.io/inject: "false" }') + namespace('istio-injection: enabled'),
      'unknown',
    ],
    ['ambient of the namespace', written('') + namespace('istio.io/dataplane-mode: ambient'), 'ztunnel'],
    [
      'the network of the host',
      written('', '{ hostNetwork: true, containers: [{ name: app }] }') + namespace('istio-injection: enabled'),
      'none',
    ],
    ['a proxy written by hand', written('', proxied), 'sidecar'],
    ['a pod as kubectl prints it', pod('', bare) + namespace('istio-injection: enabled'), 'none'],
  ])('%s', (_, yaml, proxy) => {
    expect(fileMesh(yaml).workloads.map(each => each.proxy)).toEqual([proxy])
  })

  test('a Deployment stands for the pods it would make, until they are there', () => {
    const deployment = `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, namespace: shop }\nspec: { template: { metadata: { labels: { app: web } }, spec: { serviceAccountName: web, containers: [{ name: app, ports: [{ containerPort: 8080 }] }] } } }\n`
    const [planned] = fileMesh(deployment + namespace('istio-injection: enabled')).workloads
    expect(planned).toMatchObject({
      name: 'web',
      ownerKind: 'Deployment',
      proxy: 'sidecar',
      serviceAccount: 'web',
      pods: [],
      ports: [{ port: 8080 }],
    })
    const running = pod(
      'labels: { app: web, pod-template-hash: 7d9f }, ownerReferences: [{ kind: ReplicaSet, name: web-7d9f, controller: true }]',
      proxied,
    )
    expect(clusterMesh(`${deployment}---\n${running}`).workloads.map(({ name, pods }) => [name, pods.length])).toEqual([['web', 1]])
  })
})

describe('workloads', () => {
  test.each([
    ['a pod of its own', '', 'Pod', 'web-1'],
    [
      'a Deployment, behind its ReplicaSet',
      'labels: { pod-template-hash: 7d9f }, ownerReferences: [{ kind: ReplicaSet, name: web-7d9f, controller: true }]',
      'Deployment',
      'web',
    ],
    [
      'a ReplicaSet without Deployment',
      'ownerReferences: [{ kind: ReplicaSet, name: web-7d9f, controller: true }]',
      'ReplicaSet',
      'web-7d9f',
    ],
    ['a StatefulSet', 'ownerReferences: [{ kind: StatefulSet, name: web, controller: true }]', 'StatefulSet', 'web'],
    ['an owner that does not control', 'ownerReferences: [{ kind: Operator, name: web }]', 'Pod', 'web-1'],
  ])('%s', (_, metadata, ownerKind, name) => {
    expect(clusterMesh(pod(metadata, proxied)).workloads).toMatchObject([{ ownerKind, name }])
  })

  test('a Deployment and the pods of a StatefulSet with its name are two', () => {
    const deployment =
      '---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, namespace: shop }\nspec: { template: { spec: { containers: [{ name: app }] } } }\n'
    const set = pod('ownerReferences: [{ kind: StatefulSet, name: web, controller: true }]', proxied)
    expect(clusterMesh(set + deployment).workloads.map(({ ownerKind }) => ownerKind)).toEqual(['StatefulSet', 'Deployment'])
  })

  test('pods that get their name from the API server are not one', () => {
    const unnamed = pod('', bare).replace('name: web-1', 'generateName: web-')
    expect(fileMesh(`${unnamed}---\n${unnamed}`).workloads.length).toBe(2)
  })

  test('finished pods are none', () => {
    expect(clusterMesh(pod('', proxied, '{ phase: Succeeded }')).workloads).toEqual([])
  })

  test('a workload whose pods are only partly injected has a proxy, and each pod tells the truth of its own', () => {
    const set = 'ownerReferences: [{ kind: StatefulSet, name: web, controller: true }]'
    const mesh = clusterMesh(`${pod(set, bare)}---\n${pod(set, proxied).replace('web-1', 'web-2')}`)
    expect(mesh.workloads).toMatchObject([{ name: 'web', proxy: 'sidecar' }])
    expect(mesh.workloads[0]?.pods.map(({ containers }) => containers.includes('istio-proxy'))).toEqual([false, true])
  })
})
