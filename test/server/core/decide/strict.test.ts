import { describe, expect, test } from 'vitest'
import { blockedBy, labelsNaming } from '../../../../server/src/core/decide/strict.ts'
import { clusterMesh } from '../../../support/mesh.ts'

const pod = (name: string, labels: string, containers = '[{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }]') =>
  `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop, labels: { ${labels} } }\nspec: { containers: ${containers} }\nstatus: { phase: Running }\n`
const bare = (name: string) => pod(name, `app: ${name}`, '[{ name: app }]')
const service = (type = 'ClusterIP') =>
  `---\napiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop }\nspec: { type: ${type}, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }\n`
const peer = (spec: string) =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\nspec: ${spec}\n`
const permissive = peer('{ mtls: { mode: PERMISSIVE } }')

describe('who would be shut out by STRICT', () => {
  test.each<readonly [name: string, yaml: string, blocked: readonly string[]]>([
    ['nobody in a mesh of proxies', permissive + pod('web', 'app: web') + service(), []],
    ['a neighbour without a proxy', permissive + pod('web', 'app: web') + service() + bare('legacy'), ['web:8080 legacy']],
    [
      'nobody among the components of Istio',
      (permissive + pod('web', 'app: web') + service() + bare('ztunnel') + bare('istiod')).replaceAll(
        'namespace: shop',
        'namespace: istio-system',
      ),
      [],
    ],
    ['who only has the labels of a component', permissive + pod('web', 'app: web') + service() + bare('istiod'), ['web:8080 istiod']],
    ['nobody where no Service leads to the workload', permissive + pod('web', 'app: web') + bare('legacy'), []],
    ['callers from outside the cluster', permissive + pod('web', 'app: web') + service('NodePort'), ['web:8080 web']],
    ['nobody at a gateway', permissive + pod('web', 'app: web', '[{ name: istio-proxy }]') + service('LoadBalancer'), []],
    [
      'nobody at a port that is STRICT already',
      peer('{ selector: { matchLabels: { app: web } }, mtls: { mode: PERMISSIVE }, portLevelMtls: { 8080: { mode: STRICT } } }') +
        pod('web', 'app: web') +
        service() +
        bare('legacy'),
      [],
    ],
    [
      'nobody at a port that keeps the mode of its own',
      peer('{ selector: { matchLabels: { app: web } }, mtls: { mode: PERMISSIVE }, portLevelMtls: { 8080: { mode: PERMISSIVE } } }') +
        pod('web', 'app: web') +
        service() +
        bare('legacy'),
      [],
    ],
    [
      'nobody at a workload with a mode of its own',
      permissive +
        `---\n${peer('{ selector: { matchLabels: { app: web } }, mtls: { mode: DISABLE } }').replace('name: default', 'name: web')}` +
        pod('web', 'app: web') +
        service() +
        bare('legacy'),
      [],
    ],
    [
      'those of a workload whose own policy leaves the mode open',
      permissive +
        `---\n${peer('{ selector: { matchLabels: { app: web } } }').replace('name: default', 'name: web')}` +
        pod('web', 'app: web') +
        service() +
        bare('legacy'),
      ['web:8080 legacy'],
    ],
  ])('%s', (_, yaml, expected) => {
    const mesh = clusterMesh(yaml)
    const policy = mesh.all('PeerAuthentication').find(({ name }) => name === 'default')
    const blocked = policy ? blockedBy(policy, mesh) : []
    expect(blocked.flatMap(({ workload, callers }) => callers.map(({ name, ports }) => `${workload.name}:${ports} ${name}`))).toEqual(
      expected,
    )
  })
})

describe('labels that name one workload', () => {
  test.each<readonly [name: string, yaml: string, labels: Readonly<Record<string, string>> | undefined]>([
    ['"app" where that is enough', pod('web', 'app: web, tier: front') + pod('db', 'app: db, tier: back'), { app: 'web' }],
    ['another one where "app" is shared', pod('web', 'app: shop, tier: front') + pod('db', 'app: shop, tier: back'), { tier: 'front' }],
    [
      'all of them where each is shared',
      pod('web', 'app: a, tier: b') + pod('db', 'app: a, tier: c') + pod('cache', 'app: d, tier: b'),
      { app: 'a', tier: 'b' },
    ],
    ['none that changes with every release', pod('web', 'pod-template-hash: 7d9f'), undefined],
    ['none where nothing tells two apart', pod('web', 'app: a') + pod('db', 'app: a'), undefined],
  ])('%s', (_, yaml, labels) => {
    const mesh = clusterMesh(yaml)
    const workload = mesh.workloads.find(({ name }) => name === 'web')
    expect(workload && labelsNaming(workload, mesh)).toEqual(labels)
  })
})
