// Which webhook fires for a pod that is yet to be made, and what the injector makes of it.
// Source: istio/istio:manifests/charts/istio-control/istio-discovery/templates/{mutatingwebhook,revision-tags-mwc}.yaml, pkg/kube/inject/inject.go.
import { describe, expect, test } from 'vitest'
import type { Labels, Namespace } from '../../../../server/src/core/istio/resources.ts'
import { type Enrolled, proxyOfTemplate } from '../../../../server/src/core/mesh/enrolment.ts'
import { clusterObjects, fileMesh } from '../../../support/mesh.ts'

function namespaceWith(labels: Labels): Namespace | undefined {
  const written = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } })
  return clusterObjects(written).find(each => each.kind === 'Namespace')
}

const template: Enrolled = { namespace: 'shop', labels: {}, annotations: {}, hostNetwork: false, containers: ['app'] }
const inject = 'sidecar.istio.io/inject'
const rev = 'istio.io/rev'
const injection = 'istio-injection'
const mode = 'istio.io/dataplane-mode'

describe('a template, where the namespace is known', () => {
  test.each<readonly [namespace: Labels, pod: Labels, annotations: Labels, proxy: string]>([
    [{ [injection]: 'enabled' }, {}, {}, 'sidecar'],
    [{ [injection]: 'enabled', [rev]: 'canary' }, {}, {}, 'sidecar'],
    [{ [injection]: 'enabled' }, { [inject]: 'false' }, {}, 'none'],
    [{ [injection]: 'enabled' }, {}, { [inject]: 'false' }, 'none'],
    [{ [injection]: 'enabled' }, { [inject]: 'true' }, { [inject]: 'false' }, 'sidecar'],
    [{ [injection]: 'enabled' }, { [inject]: 'yes' }, {}, 'sidecar'],
    [{ [injection]: 'enabled' }, {}, { 'inject.istio.io/templates': 'gateway' }, 'gateway'],
    [{ [injection]: 'disabled' }, { [inject]: 'true' }, {}, 'none'],
    [{ [injection]: 'enable' }, {}, {}, 'none'],
    [{ [injection]: 'disabled', [rev]: 'canary' }, { [rev]: 'canary' }, {}, 'none'],
    [{ [rev]: 'canary' }, {}, {}, 'sidecar'],
    [{ [rev]: 'canary' }, { [rev]: 'other' }, {}, 'sidecar'],
    [{ [rev]: 'canary' }, { [inject]: 'false' }, {}, 'none'],
    [{}, { [rev]: 'canary' }, {}, 'sidecar'],
    [{}, { [rev]: 'canary', [inject]: 'false' }, {}, 'none'],
    [{}, { [inject]: 'true' }, {}, 'sidecar'],
    [{}, { [inject]: 'true', [rev]: 'canary' }, {}, 'sidecar'],
    [{}, {}, { [inject]: 'true' }, 'none'],
    [{}, {}, {}, 'none'],
    [{ [mode]: 'ambient' }, {}, {}, 'ztunnel'],
    [{ [mode]: 'ambient' }, { [mode]: 'none' }, {}, 'none'],
    [{ [mode]: 'none' }, { [mode]: 'ambient' }, {}, 'ztunnel'],
    [{}, { [mode]: 'ambient' }, {}, 'ztunnel'],
    [{ [mode]: 'ambient', [injection]: 'enabled' }, {}, {}, 'sidecar'],
    [{ [mode]: 'ambient', [injection]: 'enabled' }, { [inject]: 'false' }, {}, 'ztunnel'],
    [{ [mode]: 'ambient' }, { [inject]: 'true' }, {}, 'sidecar'],
  ])('namespace %o, pod %o, annotations %o: %s', (namespace, labels, annotations, proxy) => {
    const around = { namespace: namespaceWith(namespace), complete: () => true }
    expect(proxyOfTemplate({ ...template, labels, annotations }, around)).toBe(proxy)
  })

  test.each<readonly [title: string, template: Partial<Enrolled>]>([
    ['the network of the host', { hostNetwork: true }],
    ['a system namespace', { namespace: 'kube-system' }],
  ])('never: %s', (_, more) => {
    const around = { namespace: namespaceWith({ [injection]: 'enabled' }), complete: () => true }
    expect(proxyOfTemplate({ ...template, labels: { [inject]: 'true' }, ...more }, around)).toBe('none')
  })
})

test.each<readonly [title: string, namespace: Labels | undefined, pod: Labels, proxy: string]>([
  ['is written in the file that describes it', { [injection]: 'enabled' }, {}, 'sidecar'],
  ['may have more labels than the file says', {}, {}, 'unknown'],
  ['is not known', undefined, {}, 'unknown'],
  ['is not known, and the pod is for ambient', undefined, { [mode]: 'ambient', [inject]: 'false' }, 'ztunnel'],
  ['is not known, and the pod refuses everything', undefined, { [mode]: 'none', [inject]: 'false' }, 'none'],
])('where the namespace %s', (_, labels, pod, proxy) => {
  const around = { namespace: labels && namespaceWith(labels), complete: () => false }
  expect(proxyOfTemplate({ ...template, labels: pod }, around)).toBe(proxy)
})

test('a CronJob stands for the pods of its jobs', () => {
  const job = `apiVersion: batch/v1
kind: CronJob
metadata: { name: report, namespace: shop }
spec: { jobTemplate: { spec: { template: { metadata: { labels: { app: report } }, spec: { serviceAccountName: report, containers: [{ name: app }] } } } } }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
`
  expect(fileMesh(job).workloads).toMatchObject([
    { name: 'report', ownerKind: 'CronJob', labels: { app: 'report' }, serviceAccount: 'report', proxy: 'sidecar' },
  ])
})
