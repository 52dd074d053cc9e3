// Whole objects and parts of them that people write again and again. `$1`, `${1:name}` are the places to fill in.

export interface Snippet {
  readonly label: string
  readonly detail: string
  readonly body: readonly string[]
}

/** For an empty document. */
export const documentSnippets: readonly Snippet[] = [
  {
    label: 'STRICT mutual TLS',
    detail: 'PeerAuthentication for a namespace',
    body: [
      'apiVersion: security.istio.io/v1',
      'kind: PeerAuthentication',
      'metadata:',
      '  name: default',
      '  namespace: ${1:namespace}',
      'spec:',
      '  mtls:',
      '    mode: STRICT',
    ],
  },
  {
    label: 'Allow only this caller',
    detail: 'AuthorizationPolicy for one workload',
    body: [
      'apiVersion: security.istio.io/v1',
      'kind: AuthorizationPolicy',
      'metadata:',
      '  name: ${1:workload}-callers',
      '  namespace: ${2:namespace}',
      'spec:',
      '  selector:',
      '    matchLabels:',
      '      app: ${1:workload}',
      '  action: ALLOW',
      '  rules:',
      '    - from:',
      '        - source:',
      '            principals:',
      '              - cluster.local/ns/${3:caller-namespace}/sa/${4:caller-account}',
    ],
  },
  {
    label: 'Test of policies',
    detail: 'AuthorizationTest: connections and what must become of them',
    body: [
      'kind: AuthorizationTest',
      'cases:',
      '  - name: ${1:frontend reads the cart}',
      '    from: { workload: ${2:namespace/caller} }',
      '    to: { workload: ${3:namespace/called}, port: ${4:8080} }',
      '    request: { method: ${5:GET}, path: ${6:/} }',
      '    expect: allow',
    ],
  },
]

/** For the spec of a kind, offered while the field they write is not there yet. */
export const specSnippets: Readonly<Record<string, readonly (Snippet & { readonly writes: string })[]>> = {
  PeerAuthentication: [
    { label: 'STRICT', detail: 'refuse every caller without a mesh certificate', writes: 'mtls', body: ['mtls:', '  mode: STRICT'] },
  ],
  AuthorizationPolicy: [
    {
      label: 'Allow only this caller',
      detail: 'one rule that admits one identity',
      writes: 'rules',
      body: ['rules:', '  - from:', '      - source:', '          principals:', '            - ${1:cluster.local/ns/namespace/sa/account}'],
    },
  ],
}

/** The body as text for clients that know no snippets. */
export function withoutPlaces(body: string): string {
  return body.replaceAll(/\$\{\d+:([^}]*)\}/g, '$1').replaceAll(/\$\d+/g, '')
}
