import { describe, expect, test } from 'vitest'
import { gapSentences } from '../../../../server/src/core/report/gaps.ts'
import { meshFacts } from '../../../../server/src/core/report/meshFacts.ts'
import { meshFactsLines } from '../../../../server/src/core/report/meshFactsText.ts'
import { explainProblem } from '../../../../server/src/core/report/problem.ts'
import { cluster, clusterMesh, fileMesh } from '../../../support/mesh.ts'

const namespace = (name: string, labels = '') =>
  `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ${name}, labels: { ${labels} } }\n`
const webhook = (revision: string, tag: string) =>
  `---\napiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: { name: ${tag}, labels: { istio.io/rev: ${revision}, istio.io/tag: ${tag} } }\n`
const istiod = (revision: string) => `---
apiVersion: v1
kind: Pod
metadata: { name: istiod-1, namespace: istio-system, labels: { app: istiod, istio.io/rev: ${revision}, app.kubernetes.io/version: 1.30.2 } }
spec: { containers: [{ name: discovery }] }
status: { phase: Running }
`
const pod = (name: string) =>
  `---\napiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: vendor }\nspec: { containers: [{ name: app }] }\nstatus: { phase: Running }\n`
const config = (settings: string) =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio-1-30, namespace: istio-system }\ndata: { mesh: "${settings}" }\n`
const strict = `---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: istio-system }\nspec: { mtls: { mode: STRICT } }\n`

const yaml = [
  istiod('1-30'),
  webhook('1-30', 'stable'),
  webhook('1-30', 'default'),
  config('{ trustDomain: td, discoverySelectors: [{ matchExpressions: [{ key: outside, operator: DoesNotExist }] }] }'),
  strict,
  namespace('istio-system'),
  namespace('shop', 'istio.io/rev: stable'),
  namespace('legacy', 'istio.io/rev: 1-28'),
  namespace('bank', 'istio.io/dataplane-mode: ambient, istio.io/use-waypoint: wp'),
  namespace('vendor', 'outside: "yes", istio-injection: enabled'),
  pod('proxyless'),
].join('')

const of = (facts: ReturnType<typeof meshFacts>, name: string) => facts.namespaces.find(each => each.name === name)

describe('a mesh that was seen completely', () => {
  const facts = meshFacts(clusterMesh(yaml))

  test('settings and control plane', () => {
    expect(facts.istioVersion).toBe('1.30')
    expect(facts.controlPlanes).toEqual([
      {
        namespace: 'istio-system',
        revision: '1-30',
        tags: ['default', 'stable'],
        version: '1.30.2',
        isDefault: true,
        settings: 'istio-system/istio-1-30',
      },
    ])
    expect(facts.settings).toMatchObject({
      known: true,
      source: 'istio-system/istio-1-30',
      trustDomain: 'td',
      rootNamespace: 'istio-system',
    })
  })

  test.each([
    [
      'shop',
      {
        enrolment: 'sidecar',
        mode: 'STRICT',
        policy: 'istio-system/default',
        asksFor: { name: 'stable', revision: '1-30', served: 'present' },
      },
    ],
    ['legacy', { enrolment: 'sidecar', asksFor: { name: '1-28', served: 'absent' } }],
    ['bank', { enrolment: 'ambient', waypoint: { name: 'bank/wp', presence: 'absent' } }],
    ['vendor', { enrolment: 'ignored', workloads: 1 }],
    ['istio-system', { enrolment: 'none', workloads: 1 }],
  ])('namespace %s', (name, expected) => {
    expect(of(facts, name)).toMatchObject(expected)
  })

  test('what is worth a look', () => {
    expect(facts.notes).toEqual([
      'Namespace "bank" asks for waypoint "bank/wp", which does not exist: its traffic goes without one.',
      'Namespace "legacy" asks for revision "1-28", which no webhook serves: new pods there get no sidecar.',
      'istiod ignores namespace "vendor": none of the discoverySelectors of the mesh matches its labels. Policies there have no effect.',
    ])
  })

  test('as a table', () => {
    const lines = meshFactsLines(facts)
    expect(lines).toContain(
      'Control plane       revision 1-30 in istio-system · 1.30.2 · tags default and stable · the default · settings istio-system/istio-1-30',
    )
    expect(lines.find(line => line.startsWith('shop'))).toMatch(
      /STRICT \(istio-system\/default\) +0 workloads +sidecars of tag stable, revision 1-30$/,
    )
    expect(lines.find(line => line.startsWith('legacy'))).toContain('revision 1-28 (nobody serves it)')
  })
})

describe('what is not seen is not told', () => {
  test('nothing is missing where lists are not complete', () => {
    const facts = meshFacts(clusterMesh('', { cluster: cluster(yaml, ['Namespace']) }))
    expect(facts.notes.filter(note => !note.startsWith('istiod ignores'))).toEqual([])
    expect(of(facts, 'shop')).toEqual({
      name: 'shop',
      enrolment: 'sidecar',
      asksFor: { name: 'stable', revision: '1-30', served: 'present' },
    })
    expect(of(facts, 'legacy')?.asksFor).toEqual({ name: '1-28', served: 'unknown' })
  })

  test('files without settings', () => {
    const facts = meshFacts(fileMesh(strict))
    expect(facts).toMatchObject({ controlPlanes: [], peers: [], notes: [], settings: { known: false, trustDomain: 'cluster.local' } })
    expect(meshFactsLines(facts)).toContain("Settings            not known: Istio's defaults are taken")
  })
})

describe('gaps in few sentences', () => {
  const gap = (resource: string, namespace?: string) => {
    const where = namespace === undefined ? {} : { namespace }
    return { resource, ...where, problem: explainProblem({ kind: 'forbidden', verb: 'list', resource, ...where }) }
  }
  test('few are told one by one', () => {
    expect(gapSentences([gap('pods', 'bank'), gap('services', 'bank')])).toEqual([
      'Your account may not list pods in "bank", so workloads and their proxies there are unknown and nothing is concluded about them.',
      'Your account may not list services in "bank", so hosts, their ports and protocols there are unknown and nothing is concluded about them.',
    ])
  })
  test('many at once', () => {
    expect(gapSentences(['a', 'b', 'c', 'd'].map(each => gap(each)))).toEqual([
      'Your account may not list a, b, c and d in the whole cluster, so what they hold is unknown and nothing is concluded about it.',
    ])
  })
})
