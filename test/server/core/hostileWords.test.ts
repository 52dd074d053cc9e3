// Words that every object has in JavaScript, as names, kinds, labels, keys and values: each is told like any other word of its form.
import { describe, expect, test } from 'vitest'
import { callableBy } from '../../../server/src/core/decide/access/callableBy.ts'
import { callersOf } from '../../../server/src/core/decide/access/callersOf.ts'
import { authorize } from '../../../server/src/core/decide/authorization/authorize.ts'
import { paths } from '../../../server/src/core/decide/mtls/paths.ts'
import { serverRows } from '../../../server/src/core/decide/mtls/serverRows.ts'
import { explain } from '../../../server/src/core/explain/explain.ts'
import { readFile } from '../../../server/src/core/istio/file.ts'
import { checkConnection } from '../../../server/src/core/live/connection/connection.ts'
import { endOf, podOf, readLive } from '../../../server/src/core/live/connection/ends.ts'
import { gatewayReport } from '../../../server/src/core/live/gateway/gateway.ts'
import { readGatewayTexts } from '../../../server/src/core/live/gateway/said.ts'
import { buildMesh } from '../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../server/src/core/mesh/mesh.ts'
import { trimmed } from '../../../server/src/core/mesh/snapshot/trim.ts'
import { connectionOf } from '../../../server/src/core/policytest/connectionOf.ts'
import { readQuestion } from '../../../server/src/core/policytest/read.ts'
import { accessText, callableText } from '../../../server/src/core/report/access.ts'
import { decisionText } from '../../../server/src/core/report/authorize.ts'
import { meshNodes } from '../../../server/src/core/report/meshTree.ts'
import { policyNodes } from '../../../server/src/core/report/policies/policyTree.ts'
import { check } from '../../../server/src/core/rules/run.ts'
import { fromJson } from '../../../server/src/core/yaml/tree.ts'
import { cluster, clusterObjects } from '../../support/mesh.ts'
import { dump } from './proxy/dumps.ts'
import { everything } from './rules/fixture.ts'

/** Each beside a harmless word of the same form and order; nothing may tell them apart. */
const words = [
  ['constructor', 'constructos'],
  ['toString', 'toStrinh'],
  ['valueOf', 'valueOg'],
  ['hasOwnProperty', 'hasOwnPropertz'],
] as const

const pod = (name: string, more: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, ${more} }
`

/** Every place where a word of somebody else's may be looked up. */
const world = (word: string) =>
  [
    `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled, team: a } }
`,
    `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    pathNormalization: { normalization: ${word} }
    extensionProviders: [{ name: ${word}, envoyExtAuthzHttp: { service: ${word}, port: 80 } }]
`,
    `${pod('pay', `labels: { app: ${word}, ${word}: ${word} }`)}
spec: { serviceAccountName: ${word}, containers: [{ name: app, ports: [{ name: ${word}, containerPort: 8080 }] }, { name: istio-proxy }] }
status: { phase: Running, podIP: 10.0.0.1 }
`,
    `${pod('gate', `labels: { app: gate, gateway.networking.k8s.io/gateway-name: ${word} }`)}
spec: { containers: [{ name: istio-proxy }] }
status: { phase: Running, podIP: 10.0.0.2 }
`,
    `${pod('vault', `labels: { app: vault }, annotations: { ambient.istio.io/redirection: enabled }`)}
spec: { serviceAccountName: vault, containers: [{ name: app, ports: [{ containerPort: 8080 }] }] }
status: { phase: Running, podIP: 10.0.0.3 }
`,
    `${pod('plain', `labels: { app: ${word}, sidecar.istio.io/inject: "false" }, ownerReferences: [{ kind: ${word}, name: ${word}, controller: true }]`)}
spec: { serviceAccountName: plain, containers: [{ name: app }] }
status: { phase: Running, podIP: 10.0.0.4 }
`,
    ...['pay', word].map(
      name => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec:
  selector: { ${word}: ${word} }
  ports: [{ name: ${word}, port: 80, targetPort: ${word} }, { name: ${word}-2, port: 81, targetPort: 8080, appProtocol: ${word} }]
`,
    ),
    `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: outside, namespace: shop }
spec:
  hosts: [${word}.example.com]
  resolution: ${word}
  location: ${word}
  ports: [{ number: 80, name: ${word}, protocol: ${word} }]
  endpoints: [{ address: 10.9.9.9, ports: { tcp: 90 }, labels: { app: vm } }]
`,
    `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: inside, namespace: shop }
spec:
  hosts: [vm.example.com]
  resolution: STATIC
  ports: [{ number: 80, name: ${word}, protocol: HTTP, targetPort: 8088 }]
  endpoints: [{ address: 10.9.9.8, ports: { tcp: 90 }, labels: { app: vm } }]
`,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: ${word}, namespace: shop, labels: { ${word}: ${word} } }
spec: { gatewayClassName: istio, listeners: [{ name: ${word}, port: 80, protocol: ${word} }] }
`,
    `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web, namespace: shop }
spec: { selector: { ${word}: gate }, servers: [{ port: { number: 80, name: ${word}, protocol: ${word} }, tls: { mode: ${word} }, hosts: [${word}] }] }
`,
    ...['ALLOW', 'DENY', 'CUSTOM', word].map(
      (action, index) => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: callers-${index}, namespace: shop, annotations: { istio.io/dry-run: "${index === 3}" } }
spec:
  action: ${action}
  ${action === 'CUSTOM' ? `provider: { name: ${word} }` : ''}
  rules:
    - from: [{ source: { principals: [${word}, cluster.local/ns/shop/sa/${word}], namespaces: [${word}], serviceAccounts: [${word}] } }]
      to: [{ operation: { methods: [${word}], hosts: [${word}], paths: ["/${word}/{*}"], ports: [${word}] } }]
    - when:
        - { key: ${word}, values: [${word}] }
    - when:
        - { key: "request.headers[${word}]", values: [${word}] }
        - { key: "request.auth.claims[${word}][${word}]", values: [${word}] }
    - when:
        - { key: "experimental.envoy.filters.${word}[${word}]", values: [${word}] }
    - to: [{ operation: { paths: ["/${word}/{*}"] } }]
`,
    ),
    ...[
      'selector: { matchLabels: { WORD: WORD } }',
      'targetRefs: [{ kind: WORD, group: WORD, name: pay }]',
      'targetRefs: [{ kind: WORD, name: pay }]',
    ].map(
      (target, index) => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: target-${index}, namespace: shop }
spec: { ${target.replaceAll('WORD', word)}, rules: [{}] }
`,
    ),
    `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: nothing, namespace: shop }
spec: { selector: { matchLabels: { app: ${word}, ${word}: other } }, rules: [{}] }
`,
    `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: ${word}, namespace: shop }
spec: { selector: { matchLabels: { app: ${word} } }, mtls: { mode: ${word} }, portLevelMtls: { ${word}: { mode: ${word} }, 8080: { mode: ${word} } } }
`,
    `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec: { jwtRules: [{ issuer: ${word}, jwksUri: "${word}://a:80/b", fromHeaders: [{ name: ${word} }], outputClaimToHeaders: [{ header: ${word}, claim: ${word} }], spaceDelimitedClaims: [${word}] }] }
`,
    `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: pay, namespace: shop }
spec: { host: ${word}, workloadSelector: { matchLabels: { ${word}: ${word} } }, exportTo: [${word}, "."], trafficPolicy: { tls: { mode: ${word} } }, subsets: [{ name: ${word}, labels: { ${word}: ${word} } }] }
`,
    `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: pay, namespace: shop }
spec: { hosts: [${word}], http: [{ match: [{ headers: { ${word}: { exact: ${word} } } }], route: [{ destination: { host: ${word}, subset: ${word} } }] }] }
`,
    `
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: { name: logs, namespace: shop }
spec: { accessLogging: [{ filter: { expression: "request.${word}(a)" } }] }
`,
    `
apiVersion: ${word}/v1
kind: ${word}
metadata: { name: ${word}, namespace: ${word}, labels: { ${word}: ${word} }, annotations: { ${word}: ${word} } }
spec: { ${word}: ${word} }
`,
    `
apiVersion: security.istio.io/v1
kind: ${word}
metadata: { name: a }
${word}: !${word} 5
`,
  ].join('---')

/** Below each row all the others, as text. */
function everyRow<Row extends { readonly id: string }>(children: (parent?: string) => readonly Row[], levels = 6): readonly Row[] {
  const below = (parent: string | undefined, left: number): readonly Row[] =>
    left === 0 ? [] : children(parent).flatMap(row => [row, ...below(row.id, left - 1)])
  return below(undefined, levels)
}

const facts = { file: () => undefined, findings: () => [], onlyInFiles: [], documentation: () => '', filesSpeakOf: () => false }
const plainWords = { placeOf: () => undefined, color: false }

const views: readonly (readonly [name: string, view: (mesh: Mesh, word: string, yaml: string) => unknown])[] = [
  [
    'check',
    (mesh, word, yaml) => {
      const template = `${yaml}---\n# {{ ${word} }}\nkind: a\n{{ ${word} . }}\n`
      return [yaml, template].map(text => check(readFile('file:///policies.yaml', text), mesh, everything))
    },
  ],
  [
    'authorize',
    (mesh, word) =>
      ['pay', 'gate', 'vault', 'plain'].flatMap(to =>
        [{ workload: 'shop/pay' }, { workload: 'shop/plain' }, { principal: `cluster.local/ns/shop/sa/${word}` }].map(from => {
          const request = { method: word, path: `/${word}/a`, host: word, headers: { [word]: word } }
          const jwt = { iss: word, claims: { [word]: { [word]: word } } }
          const asked = { from, to: { workload: `shop/${to}`, port: 8080 }, request, jwt, provider: 'allow', ip: '10.0.0.1' }
          const { question, problems } = readQuestion(fromJson(asked))
          const connection = question && connectionOf(question, mesh)
          return connection?.ok ? decisionText(authorize({ ...connection.value, metadata: {} }, mesh), plainWords) : [connection, problems]
        }),
      ),
  ],
  [
    'access',
    (mesh, _) =>
      mesh.workloads.map(each => [accessText(callersOf(mesh, each), plainWords), callableText(callableBy(mesh, each), plainWords)]),
  ],
  ['mtls', mesh => [serverRows(mesh), [...paths(mesh)]]],
  ['mesh tree', mesh => everyRow(parent => meshNodes(mesh, parent))],
  ['policies', mesh => everyRow(parent => policyNodes(mesh, parent, facts))],
  [
    'snapshot',
    (_, word) => trimmed({ apiVersion: 'v1', kind: word, metadata: { name: word, labels: { [word]: word } }, spec: { [word]: word } }),
  ],
  [
    'explain',
    (mesh, word) => explain(`[2026-01-01T00:00:00Z] "GET / HTTP/1.1" 503 UF delayed_connect_error:_${word} - "-" 0 0 1 - "-"`, mesh),
  ],
  [
    'connection',
    (_, word) => {
      const now = '2026-11-21T09:00:00Z'
      const ends = ['frontend', 'checkout'].map(name => {
        const text = JSON.stringify(dump(`intermediate-ca/${name}-sidecar`))
          .replaceAll(`"${name}"`, `"${word}"`)
          .replace('sidecar~', `${word}~`)
        const live = readLive(text, now)
        return live && endOf(live, podOf(live) ?? { namespace: 'shop', name })
      })
      const [from, to] = ends
      const policies = [
        { namespace: 'shop', name: 'own', scope: 'Namespace', action: 'Allow', rules: [[[{ [word]: [word] }]]], dryRun: false },
      ]
      const workloads = [{ namespace: 'shop', name: 'checkout-1', protocol: word, authorizationPolicies: ['shop/own'] }]
      const live = readLive(JSON.stringify({ workloads, policies, certificates: [], [word]: word }), now)
      const ambient = live && endOf(live, { namespace: 'shop', name: 'checkout-1' })
      if (!from || !to || !ambient) throw new Error('no dump')
      return [to, ambient].map(each => checkConnection({ from, to: each, port: 8080, now }))
    },
  ],
  [
    'gateway',
    (mesh, word) => {
      const text = JSON.stringify(dump('intermediate-ca/ingress-gateway')).replace('router~', `${word}~`).replaceAll('ingressgateway', word)
      const said = readGatewayTexts({ dump: text }, '2026-11-21T09:00:00Z')
      if (!said) throw new Error('no dump')
      return [gatewayReport(said), gatewayReport(said, { pod: { namespace: 'shop', name: 'gate' }, mesh })]
    },
  ],
]

/** Both as the cluster's and as somebody's files. */
function meshes(yaml: string): readonly Mesh[] {
  const files = readFile('file:///policies.yaml', yaml).resources
  return [
    buildMesh({ files: [], cluster: cluster(yaml), closedWorld: false }),
    buildMesh({ files, closedWorld: true }),
    buildMesh({ files: [...files, ...clusterObjects(yaml)], closedWorld: false }),
  ]
}

/** What a view says, without the word; headers are told in small letters. */
function told(view: (typeof views)[number][1], word: string): readonly string[] {
  const yaml = world(word)
  const texts = meshes(yaml).map(mesh => JSON.stringify(view(mesh, word, yaml), withoutTrees, 1) ?? '')
  return texts.map(text => text.replaceAll(word, 'WORD').replaceAll(word.toLowerCase(), 'word'))
}

/** Policies carry where they come from, which says nothing more. */
function withoutTrees(key: string, value: unknown): unknown {
  return key === 'source' || key === 'spec' ? undefined : value
}

describe.each(views)('%s', (_, view) => {
  test.each(words)('%s is a word like %s', (word, harmless) => {
    expect(told(view, word)).toEqual(told(view, harmless))
  })

  test('the prototype itself', () => {
    expect(told(view, '__proto__').every(text => text !== '')).toBe(true)
  })
})
