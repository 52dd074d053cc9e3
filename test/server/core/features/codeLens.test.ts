// Lenses are written as comments above the line that they stand over, in the order in which they are shown.
import { describe, expect, test } from 'vitest'
import { codeLenses, resolveLens, uriOfLens } from '../../../../server/src/core/features/codeLens.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { cluster } from '../../../support/mesh.ts'
import { shop } from './worlds.ts'

const policy = `
#| ▷ Evaluate · 1 workload · Who can call
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: checkout-callers, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  rules:
#| ▷ Evaluate
    - from: [{ source: { namespaces: [shop] } }]
#| ▷ Evaluate
    - to: [{ operation: { methods: [GET] } }]
`

const service = `---
#| 1 workload · Who can call
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ port: 80 }] }
`

describe('lenses', () => {
  test.each([
    ['above a policy and each of its rules', policy],
    ['of a policy that nobody has', policy.replace('app: checkout', 'app: nobody').replace('1 workload', 'no workload')],
    [
      'of the whole namespace',
      policy.replace('selector: { matchLabels: { app: checkout } }', 'action: ALLOW').replace('1 workload', '2 workloads'),
    ],
    ['above a Service', `${policy}${service}`],
    [
      'above a ServiceAccount',
      `${policy}---\n#| 1 workload · Who can call · Inspect Certificate\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: frontend, namespace: shop }\n`,
    ],
    [
      'above what makes pods, by their number',
      `${policy}---\n#| 1 pod · Who can call · Inspect Certificate\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: checkout, namespace: shop }\nspec: { template: { metadata: { labels: { app: checkout } }, spec: {} } }\n`,
    ],
    ['none above workloads where no policy is known', service.replace('#| 1 workload · Who can call\n', '')],
    ['none in other YAML', 'kind: Something\nmetadata: { name: a }\n'],
    ['none in a template', `${policy.replaceAll(/#\|.*\n/g, '').replace('checkout-callers', '{{ .Values.name }}')}`],
  ])('%s', (_, marked) => {
    const text = marked.replaceAll(/#\|.*\n/g, '')
    expect(withLenses(text)).toBe(marked)
  })

  test('where pods are not seen nothing is counted', () => {
    expect(withLenses(policy.replaceAll(/#\|.*\n/g, ''), '')).toBe(policy.replace(' · 1 workload', ''))
  })

  test('a rule is evaluated by its number, with what the edge adds', () => {
    const file = readFile('file:///policy.yaml', policy)
    const mesh = buildMesh({ files: file.resources, closedWorld: false })
    const asked = codeLenses(file, mesh, { more: { show: true } }).flatMap(({ command }) =>
      command ? [[command.title, ...(command.arguments ?? [])]] : [],
    )
    const named = { uri: 'file:///policy.yaml', policy: { namespace: 'shop', name: 'checkout-callers' }, show: true }
    expect(asked).toEqual([
      ['▷ Evaluate', named],
      ['Who can call', named],
      ['▷ Evaluate', { ...named, rule: 0 }],
      ['▷ Evaluate', { ...named, rule: 1 }],
    ])
  })

  test('the certificate of pods: how long it lasts where that is known, for clients that can show it', () => {
    const text = `${policy.replaceAll(/#\|.*\n/g, '')}---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: frontend, namespace: shop }\n`
    const file = readFile('file:///policy.yaml', text)
    const mesh = buildMesh({ files: file.resources, closedWorld: false, cluster: cluster(shop) })
    const command = codeLenses(file, mesh)
      .map(lens => resolveLens(lens, file, mesh, () => '11 h left').command)
      .find(each => each?.command === 'istioSecurity.inspectCertificate')
    expect(command).toMatchObject({ title: 'certificate: 11 h left', arguments: [{ kind: 'pods', pods: [{ namespace: 'shop' }] }] })
    expect(codeLenses(file, mesh, { more: { show: true } }).some(({ data }) => data?.certificate)).toBe(false)
  })

  test.each([undefined, null, 5, 'a', {}, { uri: 5 }])('a lens that is not ours is left without words: %j', data => {
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }
    const lens = { range, data }
    expect(uriOfLens(lens)).toBeUndefined()
    expect(resolveLens(lens, undefined, buildMesh({ files: [], closedWorld: false })).command?.title).toBe('')
  })
})

function withLenses(text: string, world = shop): string {
  const file = readFile('file:///policy.yaml', text)
  const mesh = buildMesh({ files: file.resources, closedWorld: false, ...(world ? { cluster: cluster(world) } : {}) })
  const titles = new Map<number, string[]>()
  for (const lens of codeLenses(file, mesh)) {
    const title = (lens.command ?? resolveLens(lens, file, mesh).command)?.title ?? ''
    const { line } = lens.range.start
    if (title !== '') titles.set(line, [...(titles.get(line) ?? []), title])
  }
  return text
    .split('\n')
    .flatMap((line, index) => [...(titles.has(index) ? [`#| ${titles.get(index)?.join(' · ')}`] : []), line])
    .join('\n')
}
