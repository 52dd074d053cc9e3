import { describe, expect, test } from 'vitest'
import type { Mesh } from '../../../../server/src/core/mesh/mesh.ts'
import { clusterFacts } from '../../../../server/src/core/report/meshTree/cluster.ts'
import { workloadLines, workloadRows } from '../../../../server/src/core/report/meshTree/text.ts'
import { firstPage, type MeshExtent, meshNodes, meshPath, nextPage } from '../../../../server/src/core/report/meshTree.ts'
import { clusterMesh, fileMesh } from '../../../support/mesh.ts'
import { legacy, shop } from '../features/worlds.ts'

const strict =
  '---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: checkout, namespace: shop }\nspec: { selector: { matchLabels: { app: checkout } }, mtls: { mode: STRICT }, portLevelMtls: { 8081: { mode: PERMISSIVE } } }\n'
const ambient =
  '---\napiVersion: v1\nkind: Pod\nmetadata: { name: ledger-1, namespace: bank, annotations: { ambient.istio.io/redirection: enabled } }\nspec: { containers: [{ name: app }] }\nstatus: { phase: Running }\n'
const plain =
  '---\napiVersion: v1\nkind: Pod\nmetadata: { name: dns-1, namespace: kube-system }\nspec: { containers: [{ name: app }] }\nstatus: { phase: Running }\n'
const mesh = clusterMesh(shop + legacy + strict + ambient + plain)
const lines = (parent?: string, extent: MeshExtent = {}, of: Mesh = mesh) =>
  meshNodes(of, parent, extent).map(({ name, description }) => `${name}: ${description}`)

test('namespaces, those in the mesh first', () => {
  expect(lines()).toEqual([
    'bank: PERMISSIVE by ztunnel · 1 workload',
    'shop: PERMISSIVE · 3 workloads · 1 finding',
    'kube-system: no proxies · 1 workload',
  ])
})

test('the workloads of a namespace, with mode and exceptions', () => {
  expect(lines('namespace/shop')).toEqual(['checkout: STRICT · 8081 PERMISSIVE', 'frontend: PERMISSIVE', 'legacy: no proxy · 1 finding'])
  expect(meshNodes(mesh, 'namespace/shop')[0]).toMatchObject({
    policy: 'shop/checkout',
    mode: 'STRICT',
    ports: [{ port: 8081, mode: 'PERMISSIVE', policy: 'shop/checkout' }],
    serviceAccount: 'checkout',
    identity: 'cluster.local/ns/shop/sa/checkout',
    pods: { ready: 1, all: 1 },
    enforcer: 'Policies are enforced by the sidecar.',
  })
})

test('the pods of a workload, with the identity their proxy presents', () => {
  expect(meshNodes(mesh, 'workload/shop/StatefulSet.checkout')).toMatchObject([
    {
      name: 'checkout-1',
      description: 'sa/checkout · sidecar',
      identity: 'cluster.local/ns/shop/sa/checkout',
      workload: 'workload/shop/StatefulSet.checkout',
    },
  ])
  const [bare] = meshNodes(mesh, 'workload/shop/StatefulSet.legacy')
  expect(bare).toMatchObject({
    description: 'sa/default · no proxy',
    findings: [{ message: 'No proxy: it presents no certificate, and policies are not enforced here.' }],
  })
  expect(bare).not.toHaveProperty('identity')
})

test('every child is found by the id of its parent, and ids are unique', () => {
  const all = (parent?: string): readonly string[] =>
    meshNodes(mesh, parent).flatMap(node => [node.id, ...(node.kind === 'pod' ? [] : all(node.id))])
  expect(new Set(all()).size).toBe(all().length)
  expect(all().length).toBe(3 + 5 + 5)
})

test.each([
  'namespace/gone',
  'workload/shop/Deployment.gone',
  'pod/shop/checkout-1',
  'group/mode/STRICT',
  'more/namespace/shop',
  'nonsense',
  '',
])('nothing below "%s"', id => {
  expect(meshNodes(mesh, id)).toEqual([])
})

describe('a filter', () => {
  test.each([
    [{ text: 'CHECK' }, ['checkout']],
    [{ text: 'shop front' }, ['frontend']],
    [{ text: 'checkout-1' }, ['checkout']],
    [{ text: 'app=front' }, ['frontend']],
    [{ text: 'sa=none' }, []],
    [{ only: ['no-proxy'] }, ['legacy']],
    [{ only: ['not-strict'] }, ['checkout', 'frontend', 'legacy']],
    [{ only: ['with-findings'] }, ['legacy']],
    [{ text: 'checkout', only: ['no-proxy'] }, []],
  ] as const)('%j', (view, names) => {
    expect(meshNodes(mesh, 'namespace/shop', { view }).map(({ name }) => name)).toEqual(names)
  })

  test('leaves only the namespaces that have something to show, and counts that', () => {
    expect(lines(undefined, { view: { text: 'checkout' } })).toEqual(['shop: PERMISSIVE · 1 workload'])
  })

  test('does not hide the pods of a workload that it shows', () => {
    expect(meshNodes(mesh, 'workload/shop/StatefulSet.checkout', { view: { text: 'checkout' } })).toHaveLength(1)
  })
})

describe('groups', () => {
  test.each([
    ['mode', ['PERMISSIVE: 2 workloads', 'STRICT: 1 workload', 'No proxy: 2 workloads']],
    ['proxy', ['Sidecar: 2 workloads', 'ztunnel: 1 workload', 'No proxy: 2 workloads']],
  ] as const)('by %s', (group, expected) => {
    expect(lines(undefined, { view: { group } })).toEqual(expected)
  })

  test('say of each workload in which namespace it is', () => {
    expect(lines('group/mode/PERMISSIVE', { view: { group: 'mode' } })).toEqual([
      'ledger-1: bank · PERMISSIVE by ztunnel',
      'frontend: shop · PERMISSIVE',
    ])
  })

  test('hold each workload once, whatever they are made by', () => {
    for (const group of ['mode', 'proxy', 'finding'] as const) {
      const below = meshNodes(mesh, undefined, { view: { group } }).flatMap(({ id }) => meshNodes(mesh, id, { view: { group } }))
      expect(below.map(({ id }) => id).toSorted()).toEqual(
        mesh.workloads.map(each => `workload/${each.namespace}/${each.ownerKind}.${each.name}`).toSorted(),
      )
    }
  })
})

describe('what lies before a row', () => {
  const checkout = mesh.workloads.find(({ name }) => name === 'checkout')

  test.each([
    [{}, ['namespace/shop', 'workload/shop/StatefulSet.checkout']],
    [{ group: 'mode' }, ['group/mode/STRICT', 'workload/shop/StatefulSet.checkout']],
    [{ text: 'front' }, []],
  ] as const)('%j', (view, ids) => {
    expect(checkout && meshPath(mesh, checkout, view).map(({ node }) => node.id)).toEqual(ids)
  })
})

describe('more rows than fit', () => {
  const many = 2 * firstPage
  const pod = (index: number) =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: { name: w-${String(index).padStart(5, '0')}, namespace: many }\nspec: { containers: [{ name: app }, { name: istio-proxy }] }\nstatus: { phase: Running }\n`
  const large = clusterMesh(Array.from({ length: many }, (_, index) => pod(index)).join(''))

  test('are shown by the page', () => {
    const first = meshNodes(large, 'namespace/many')
    expect(first).toHaveLength(firstPage + 1)
    expect(first.at(-1)).toMatchObject({
      kind: 'more',
      name: 'Show 500 more',
      rest: 1_000,
      limit: firstPage + nextPage,
      below: 'namespace/many',
    })
    const all = meshNodes(large, 'namespace/many', { limit: firstPage + 2 * nextPage })
    expect(all).toHaveLength(many)
    expect(all.at(-1)).toMatchObject({ kind: 'workload', name: 'w-01999' })
  })

  test('the limit that shows a row is known', () => {
    const limits = [0, 999, 1000, 1499, 1500, 1999].map(index => {
      const workload = large.workloads[index]
      return workload && meshPath(large, workload)[1]?.limit
    })
    expect(limits).toEqual([1000, 1000, 1500, 1500, 2000, 2000])
  })

  test('a row costs what is below it, not what is beside it', () => {
    let reads = 0
    const counted: Mesh = new Proxy(large, {
      get(target, property, receiver) {
        if (property === 'workloads') reads++
        return Reflect.get(target, property, receiver)
      },
    })
    for (let index = 0; index < 100; index++) meshNodes(counted, 'namespace/many', { limit: 10 })
    for (let index = 0; index < 100; index++) meshNodes(counted, `workload/many/Pod.w-000${(index % 90) + 10}`)
    expect(reads).toBeLessThanOrEqual(4)
  })
})

describe('what needs attention', () => {
  const namespace = (name: string, labels = '') =>
    `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { ${labels} } }\n`
  const bare = (labels = '', spec = '') =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: { name: web-1, namespace: web, labels: { app: web, ${labels} } }\nspec: { ${spec} containers: [{ name: app }] }\nstatus: { phase: Running }\n`
  const peer = (at: string, mode: string) =>
    `---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: ${at} }\nspec: { mtls: { mode: ${mode} } }\n`
  const policy =
    '---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: { name: web, namespace: web }\nspec: { rules: [{}] }\n'
  const findings = (yaml: string) =>
    meshNodes(clusterMesh(yaml), 'namespace/web').flatMap(node => (node.kind === 'workload' ? node.findings.map(each => each.message) : []))
  const enabled = namespace('web', 'istio-injection: enabled')

  test.each([
    ['nobody asks for a proxy', namespace('web') + bare(), []],
    ['STRICT for the whole mesh is not meant for it', namespace('web') + bare() + peer('istio-system', 'STRICT'), []],
    ['its namespace asks for a proxy', enabled + bare(), ['No proxy: it takes no part in mTLS and has no identity.']],
    ['its namespace asks, the pod declines', enabled + bare('sidecar.istio.io/inject: "false"'), []],
    ['it is on the network of its node', enabled + bare('', 'hostNetwork: true,'), []],
    ['its namespace is STRICT', namespace('web') + bare() + peer('web', 'STRICT'), ['No proxy: STRICT is not enforced here.']],
    [
      'the mesh is STRICT and it asks for a proxy',
      enabled + bare() + peer('istio-system', 'STRICT'),
      ['No proxy: STRICT is not enforced here.'],
    ],
    ['a policy is written for it', namespace('web') + bare() + policy, ['No proxy: the authorization policies for it are not enforced.']],
    ['its revision asks', namespace('web', 'istio.io/rev: stable') + bare(), ['No proxy: it takes no part in mTLS and has no identity.']],
  ])('without a proxy: %s', (_, yaml, expected) => {
    expect(findings(`${yaml}---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: default, namespace: web }\n`)).toEqual(expected)
  })

  const istiod = (version: string, revision = 'default') =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: { name: istiod-${revision}, namespace: istio-system, labels: { app: istiod, istio.io/rev: ${revision}, app.kubernetes.io/version: ${version} } }\nspec: { containers: [{ name: discovery }] }\nstatus: { phase: Running }\n`
  const proxied = (tag: string) =>
    `---\napiVersion: v1\nkind: Pod\nmetadata: { name: web-1, namespace: web }\nspec: { containers: [{ name: app }, { name: istio-proxy, image: "docker.io/istio/proxyv2:${tag}" }] }\nstatus: { phase: Running }\n`
  const old = 'Its proxy, Istio 1.27.3, is 3 minor versions behind the control plane: restart the pods to update it.'

  test.each([
    [istiod('1.30.1'), '1.30.1', []],
    [istiod('1.30.1'), '1.29.0', []],
    [istiod('1.30.1'), '1.27.3', [old]],
    [istiod('1.30.1'), '1.27.3-distroless', [old]],
    [istiod('1.30.1') + istiod('1.28.0', 'old'), '1.27.3', []],
    [istiod('1.30.1'), 'latest', []],
    [istiod('1.30.1'), '1.31.0', []],
    ['', '1.27.3', []],
  ])('a proxy too old %#', (plane, tag, expected) => {
    expect(findings(enabled + plane + proxied(tag))).toEqual(expected)
  })

  test('what an application says of its own version is not that of its proxy', () => {
    const labelled = (image: string) =>
      `---\napiVersion: v1\nkind: Pod\nmetadata: { name: web-1, namespace: web, labels: { app.kubernetes.io/version: 1.2.0 } }\nspec: { containers: [{ name: app }, { name: istio-proxy, image: "${image}" }] }\nstatus: { phase: Running }\n`
    for (const image of ['istio/proxyv2', 'istio/proxyv2:latest', 'registry:5000/proxyv2', 'istio/proxyv2@sha256:1.27.0']) {
      expect(findings(enabled + istiod('1.30.1') + labelled(image))).toEqual([])
      const [pod] = meshNodes(clusterMesh(enabled + labelled(image)), 'workload/web/Pod.web-1')
      expect(pod).not.toHaveProperty('proxyVersion')
    }
  })

  test('clients that a rule makes fail', () => {
    const rule =
      '---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: checkout, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z" }\nspec: { host: checkout, trafficPolicy: { tls: { mode: DISABLE } } }\n'
    const [checkout] = meshNodes(clusterMesh(sidecars(shop) + strict + rule), 'namespace/shop')
    expect(checkout).toMatchObject({ name: 'checkout', findings: [{ kind: 'clients-conflict' }] })
    expect(checkout?.kind === 'workload' && checkout.findings[0]?.message).toMatch(
      /^Clients fail here: DestinationRule "shop\/checkout" sends plaintext/,
    )
  })

  test('policies that are written for it by name and have problems', () => {
    const written = (name: string, spec: object) =>
      `---\n${JSON.stringify({ apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata: { name, namespace: 'shop' }, spec })}\n`
    const rules = [{ from: [{ source: { principals: ['spiffe://cluster.local/ns/shop/sa/frontend'] } }] }]
    const selector = { matchLabels: { app: 'checkout' } }
    const yaml = shop + written('fine', { selector, rules: [{}] }) + written('prefix', { selector, rules }) + written('all', { rules })
    const [checkout, frontend] = meshNodes(clusterMesh(yaml), 'namespace/shop')
    expect(checkout).toMatchObject({
      description: 'PERMISSIVE · 1 faulty policy',
      policyProblems: [expect.stringMatching(/^AuthorizationPolicy shop\/prefix has 1 (error|warning)/)],
    })
    expect(frontend).toMatchObject({ policyProblems: [] })
  })

  test('nothing is concluded from lists that were not seen', () => {
    const mesh = fileMesh(shop)
    expect(mesh.workloads.length).toBeGreaterThan(0)
    expect(meshNodes(mesh, 'namespace/shop').flatMap(node => (node.kind === 'workload' ? node.findings : []))).toEqual([])
  })
})

/** With the label that injection sets, by which istiod knows who takes mTLS. */
function sidecars(yaml: string): string {
  return yaml
    .replaceAll('labels: { app:', 'labels: { security.istio.io/tlsMode: istio, app:')
    .replaceAll('status: { phase: Running }', 'status: { phase: Running, podIP: 10.0.0.1 }')
}

describe('how a namespace comes into the mesh', () => {
  const words = (labels: string, more = '') => {
    const yaml = `apiVersion: v1\nkind: Namespace\nmetadata: { name: web, labels: { ${labels} } }\n---\napiVersion: v1\nkind: Pod\nmetadata: { name: web-1, namespace: web }\nspec: { containers: [{ name: app }] }\nstatus: { phase: Running }\n${more}`
    const node = meshNodes(clusterMesh(yaml), undefined).find(({ name }) => name === 'web')
    return node?.kind === 'namespace' ? node.enrolment : undefined
  }

  test.each([
    ['', 'Its labels ask for neither sidecars nor ambient mode.'],
    ['istio-injection: enabled', 'Sidecars are injected, by label istio-injection=enabled.'],
    ['istio-injection: disabled', 'Sidecar injection is off, by label istio-injection=disabled.'],
    ['istio-injection: disabled, istio.io/rev: stable', 'Sidecar injection is off, by label istio-injection=disabled.'],
    ['istio.io/rev: 1-30', 'Sidecars are injected, by label istio.io/rev=1-30.'],
    ['istio.io/dataplane-mode: ambient', 'Ambient mode, by label istio.io/dataplane-mode=ambient.'],
    [
      'istio-injection: enabled, istio.io/dataplane-mode: ambient',
      'Sidecars are injected, by label istio-injection=enabled; its label for ambient mode counts only for pods without a sidecar.',
    ],
  ])('%s', (labels, expected) => {
    expect(words(labels)).toBe(expected)
  })

  test('nothing is said of a namespace whose labels are not known', () => {
    const yaml = 'apiVersion: v1\nkind: Pod\nmetadata: { name: web-1, namespace: web }\nspec: { containers: [{ name: app }] }\n'
    expect(meshNodes(clusterMesh(yaml), undefined)[0]).not.toHaveProperty('enrolment')
  })
})

test('on the command line the workloads of a namespace are a table, and what needs attention is below it', () => {
  expect(workloadLines(workloadRows(mesh, ['shop', 'shop']))).toEqual([
    'WORKLOAD       KIND         MTLS                      READY  ACCOUNT   PROXY',
    'shop/checkout  StatefulSet  STRICT · 8081 PERMISSIVE  1/1    checkout  sidecar',
    'shop/frontend  StatefulSet  PERMISSIVE                1/1    frontend  sidecar',
    'shop/legacy    StatefulSet  no proxy · 1 finding      1/1    default   none',
    '',
    'shop/legacy: No proxy: it takes no part in mTLS and has no identity.',
  ])
  expect(workloadLines(workloadRows(mesh, ['nowhere']))).toEqual(['No workload is known in the namespaces that are read.'])
})

test('a cluster tells what holds of its mesh', () => {
  expect(clusterFacts(mesh)).toEqual(expect.arrayContaining(['Root namespace: istio-system', 'Trust domain: cluster.local']))
})
