import { expect, test } from 'vitest'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { convert } from '../../../../server/src/core/istio/removed/convert.ts'
import { written } from '../../../../server/src/core/istio/removed/manifest.ts'

const services = `
apiVersion: v1
kind: Service
metadata: { name: pay, namespace: shop }
spec:
  selector: { app: payment }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
---`

const policy = (spec: string) =>
  `${services}\napiVersion: authentication.istio.io/v1alpha1\nkind: Policy\nmetadata: {name: p, namespace: shop}\nspec: ${spec}`
const role = (rule: string, subject: string) => `${services}
apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRole
metadata: {name: r, namespace: shop}
spec: {rules: [${rule}]}
---
apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRoleBinding
metadata: {name: b, namespace: shop}
spec: {subjects: [${subject}], roleRef: {kind: ServiceRole, name: r}}`

test.each<readonly [string, string, readonly string[]]>([
  ['mutual TLS without a mode is STRICT', policy('{peers: [{mtls: }]}'), ['kind: PeerAuthentication', 'mode: STRICT']],
  ['optional peers are PERMISSIVE', policy('{peers: [{mtls: {}}], peerIsOptional: true}'), ['mode: PERMISSIVE']],
  ['no peers switched mutual TLS off', policy('{}'), ['mode: DISABLE']],
  [
    'a Service that is known gives its pods and ports',
    policy('{targets: [{name: pay, ports: [{number: 80}]}], peers: [{mtls: {}}]}'),
    ['app: payment', 'portLevelMtls:\n    "8080":\n      mode: STRICT'],
  ],
  [
    'one that is not leaves a place to fill in',
    policy('{targets: [{name: other}], peers: [{mtls: {}}]}'),
    ['# "other" was a Service', 'app: <label-of-the-pods-of-other>'],
  ],
  [
    'a token that must be there needs two objects',
    policy('{origins: [{jwt: {issuer: https://idp, jwksUri: https://idp/keys, jwtHeaders: [x-token]}}]}'),
    ['kind: RequestAuthentication', '- name: x-token', 'kind: AuthorizationPolicy', 'notRequestPrincipals:\n              - "*"'],
  ],
  [
    'one that may be missing needs one',
    policy('{origins: [{jwt: {issuer: https://idp}}], originIsOptional: true}'),
    ['kind: RequestAuthentication'],
  ],
  [
    'a MeshPolicy moves to the root namespace',
    'apiVersion: authentication.istio.io/v1alpha1\nkind: MeshPolicy\nmetadata: {name: default}\nspec: {peers: [{mtls: {mode: PERMISSIVE}}]}',
    ['namespace: istio-system', 'mode: PERMISSIVE', '# A MeshPolicy applied to the whole mesh'],
  ],
  [
    'a role and its binding become one policy',
    role('{services: ["*"], methods: [GET], paths: [/cart]}', '{user: cluster.local/ns/shop/sa/frontend}'),
    [
      'kind: AuthorizationPolicy',
      'name: r',
      'principals:\n              - cluster.local/ns/shop/sa/frontend',
      'methods:\n              - GET',
    ],
  ],
  ['every user and every method need no words', role('{services: ["*"], methods: ["*"]}', '{user: "*"}'), ['rules:\n    - {}']],
  [
    'a label in a constraint selects',
    role('{services: ["*"], constraints: [{key: "destination.labels[version]", values: [v1]}]}', '{properties: {source.namespace: web}}'),
    ['version: v1', 'namespaces:\n              - web'],
  ],
  [
    'several values do not',
    role('{services: ["*"], constraints: [{key: "destination.labels[version]", values: [v1, v2]}]}', '{user: "*"}'),
    ['# The constraint on "destination.labels[version]" (v1, v2) was not converted'],
  ],
  [
    'claims are conditions',
    role('{services: [pay.shop.svc.cluster.local]}', '{properties: {"request.auth.claims[role]": admin}}'),
    ['app: payment', 'key: request.auth.claims[role]'],
  ],
  [
    'closed namespaces stay closed',
    'apiVersion: rbac.istio.io/v1alpha1\nkind: ClusterRbacConfig\nmetadata: {name: default}\nspec: {mode: ON_WITH_INCLUSION, inclusion: {namespaces: [shop]}}',
    ['namespace: shop', 'spec: {}'],
  ],
])('%s', (_, text, parts) => {
  const converted = conversionOf(text)
  for (const part of parts) expect(converted).toContain(part)
  const read = readFile('file:///converted.yaml', converted ?? '')
  expect(read.documents.flatMap(({ problems }) => problems)).toEqual([])
})

test.each([
  [
    'a role that nobody has',
    'apiVersion: rbac.istio.io/v1alpha1\nkind: ServiceRole\nmetadata: {name: r}\nspec: {rules: [{services: ["*"]}]}',
  ],
  ['access control for all but some', 'apiVersion: rbac.istio.io/v1alpha1\nkind: ClusterRbacConfig\nspec: {mode: ON_WITH_EXCLUSION}'],
])('%s is not converted', (_, text) => {
  expect(conversionOf(text)).toBeUndefined()
})

function conversionOf(text: string): string | undefined {
  const file = readFile('file:///removed.yaml', text)
  const roots = file.documents.flatMap(({ root }) => root ?? [])
  const object = file.documents.find(({ ours }) => ours)?.root
  const replaced =
    object &&
    convert(
      object,
      roots,
      file.resources.filter(each => each.kind === 'Service'),
    )
  return replaced && written(replaced)
}
