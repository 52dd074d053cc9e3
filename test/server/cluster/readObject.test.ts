// One GET by name, never of a Secret, and nothing private in what is shown.
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readObjectText, textOf } from '../../../server/src/cluster/readObject.ts'
import type { Failure, Reply } from '../../../server/src/cluster/transport.ts'

type Connection = Parameters<typeof readObjectText>[0]

const groups = new Map([
  ['apps', ['v1']],
  ['batch', ['v1']],
  ['security.istio.io', ['v1beta1', 'v1']],
  ['networking.istio.io', ['v1beta1']],
  ['gateway.networking.k8s.io', ['v1']],
])

async function read(kind: string, namespace: string | undefined, name: string, reply: Reply<unknown> = { ok: true, value: { kind } }) {
  const asked: string[] = []
  const get = async (path: string) => {
    asked.push(path)
    return reply
  }
  const transport = { get }
  const connection = { groups, reached: { transport } } as unknown as Connection
  const object = { context: 'prod', kind, name, ...(namespace === undefined ? {} : { namespace }) }
  return { asked, answer: await readObjectText(connection, object, new AbortController().signal) }
}

test.each([
  ['Namespace', undefined, 'shop', '/api/v1/namespaces/shop'],
  ['Pod', 'shop', 'checkout-1', '/api/v1/namespaces/shop/pods/checkout-1'],
  ['Deployment', 'shop', 'checkout', '/apis/apps/v1/namespaces/shop/deployments/checkout'],
  ['StatefulSet', 'shop', 'db', '/apis/apps/v1/namespaces/shop/statefulsets/db'],
  ['DaemonSet', 'shop', 'log', '/apis/apps/v1/namespaces/shop/daemonsets/log'],
  ['ReplicaSet', 'shop', 'bare', '/apis/apps/v1/namespaces/shop/replicasets/bare'],
  ['Job', 'shop', 'once', '/apis/batch/v1/namespaces/shop/jobs/once'],
  ['CronJob', 'shop', 'nightly', '/apis/batch/v1/namespaces/shop/cronjobs/nightly'],
  ['ConfigMap', 'istio-system', 'istio-1-30', '/api/v1/namespaces/istio-system/configmaps/istio-1-30'],
  ['AuthorizationPolicy', 'shop', 'pay', '/apis/security.istio.io/v1/namespaces/shop/authorizationpolicies/pay'],
  ['DestinationRule', 'shop', 'pay', '/apis/networking.istio.io/v1beta1/namespaces/shop/destinationrules/pay'],
  ['Gateway', 'shop', 'waypoint', '/apis/gateway.networking.k8s.io/v1/namespaces/shop/gateways/waypoint'],
  ['IstioGateway', 'shop', 'in', '/apis/networking.istio.io/v1beta1/namespaces/shop/gateways/in'],
  ['Pod', '../secrets', 'a/b?c', '/api/v1/namespaces/..%2Fsecrets/pods/a%2Fb%3Fc'],
])('%s of %s named %s', async (kind, namespace, name, path) => {
  const { asked, answer } = await read(kind, namespace, name)
  expect([asked, answer.ok]).toEqual([[path], true])
})

test.each(['Secret', 'secrets', 'WorkloadOwner', 'Rollout', 'toString', ''])('a %s is never asked for', async kind => {
  const { asked, answer } = await read(kind, 'shop', 'x')
  expect([asked, answer]).toMatchObject([[], { ok: false, problem: { kind: 'not-shown' } }])
})

test.each([
  ['shop', ''],
  ['shop', '..'],
  ['..', 'x'],
  ['', 'x'],
])('a name that leads elsewhere is asked for nowhere: "%s/%s"', async (namespace, name) => {
  expect((await read('Pod', namespace, name)).asked).toEqual([])
})

test.each(['settings', 'kube-root-ca.crt', 'istiox'])('of ConfigMaps those of Istio alone: not %s', async name => {
  expect((await read('ConfigMap', 'shop', name)).asked).toEqual([])
})

test.each<[Failure, object]>([
  [
    { kind: 'status', code: 403, message: 'no' },
    { kind: 'forbidden', verb: 'get', resource: 'deployments.apps', namespace: 'shop' },
  ],
  [
    { kind: 'status', code: 404, message: 'no' },
    { kind: 'not-found', resource: 'Deployment', namespace: 'shop', name: 'checkout' },
  ],
  [
    { kind: 'status', code: 500, message: 'broken' },
    { kind: 'unreachable', context: 'prod', detail: 'broken' },
  ],
  [
    { kind: 'network', detail: 'refused' },
    { kind: 'unreachable', context: 'prod', detail: 'refused' },
  ],
  [{ kind: 'aborted' }, { kind: 'cancelled' }],
])('a failure is told: %j', async (failure, problem) => {
  expect((await read('Deployment', 'shop', 'checkout', { ok: false, failure })).answer).toMatchObject({ ok: false, problem })
})

test('who may list a kind reads one of it without the verb "get"', async () => {
  const asked: string[] = []
  const get = async (path: string): Promise<Reply<unknown>> => {
    asked.push(path)
    if (!path.includes('?')) return { ok: false, failure: { kind: 'status', code: 403, message: 'no' } }
    return { ok: true, value: { items: [{ metadata: { name: 'other' } }, { metadata: { name: 'checkout' } }] } }
  }
  const connection = { groups, reached: { transport: { get } } } as unknown as Connection
  const object = { context: 'prod', kind: 'Deployment', namespace: 'shop', name: 'checkout' }
  const answer = await readObjectText(connection, object, new AbortController().signal)
  expect(asked[1]).toBe('/apis/apps/v1/namespaces/shop/deployments?fieldSelector=metadata.name%3Dcheckout')
  expect(answer).toEqual({ ok: true, value: 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: checkout\n' })
})

describe('what is shown', () => {
  const deployment = {
    kind: 'Deployment',
    metadata: {
      name: 'checkout',
      managedFields: ['pl4nted'],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'pl4nted', owner: 'pay' },
    },
    spec: {
      template: {
        spec: {
          containers: [
            {
              name: 'app',
              env: [
                { name: 'PASSWORD', value: 'pl4nted' },
                { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'x' } } },
              ],
            },
          ],
          initContainers: [{ name: 'init', env: [{ name: 'TOKEN', value: 'pl4nted' }] }],
        },
      },
    },
  }

  test('has no values of environment variables, no managed fields, no copy of kubectl', () => {
    const text = textOf(deployment)
    expect(text).not.toContain('pl4nted')
    expect(text).toMatch(/^# The values of environment variables are not shown/)
    expect(parse(text)).toMatchObject({
      metadata: { name: 'checkout', annotations: { owner: 'pay' } },
      spec: {
        template: {
          spec: { containers: [{ env: [{ name: 'PASSWORD' }, { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'x' } } }] }] },
        },
      },
    })
  })

  test('says nothing of variables where there are none, and takes whatever a server sends', () => {
    expect(textOf({ kind: 'Namespace', metadata: { name: 'shop' } })).toBe('kind: Namespace\nmetadata:\n  name: shop\n')
    for (const odd of [null, [], 'text', { env: 'text' }, { env: [null, 'x'] }]) expect(parse(textOf(odd))).toEqual(odd)
  })
})
