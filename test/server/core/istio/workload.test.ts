import { expect, test } from 'vitest'
import { Fields } from '../../../../server/src/core/istio/schema/fields.ts'
import { servicePort } from '../../../../server/src/core/istio/schema/serviceEntry.ts'
import { type Visit, walk } from '../../../../server/src/core/istio/schema/walk.ts'
import { endpoint, workloadEntrySpec, workloadTemplate } from '../../../../server/src/core/istio/schema/workloadEntry.ts'
import { protocolOf } from '../../../../server/src/core/istio/values/servicePort.ts'
import { addressForm } from '../../../../server/src/core/istio/workload.ts'
import { fromJson } from '../../../../server/src/core/yaml/tree.ts'

test.each([
  [{ resolution: 'STATIC' }, 'static'],
  [{ resolution: 1 }, 'static'],
  [{ resolution: 'DNS' }, 'dns'],
  [{ resolution: 'DNS_ROUND_ROBIN' }, 'dns'],
  [{ resolution: 'DYNAMIC_DNS' }, undefined],
  [{}, undefined],
])('an endpoint of a ServiceEntry with %j: %s', (spec, form) => {
  expect(addressForm(visitOf('ServiceEntry', { ...spec, endpoints: [{ address: '10.0.0.5' }] }))).toBe(form)
})

test('a WorkloadEntry takes any address, and into a template nobody looks', () => {
  expect(addressForm(visitOf('WorkloadEntry', { address: '10.0.0.5' }))).toBe('any')
  expect(addressForm(visitOf('WorkloadGroup', { template: { address: '10.0.0.5' } }))).toBeUndefined()
})

test.each([
  [{ protocol: 'http' }, 'HTTP'],
  [{ protocol: 'HTTP_PROXY' }, 'HTTP_PROXY'],
  [{ protocol: 'SSL' }, 'unsupported'],
  [{}, 'unsupported'],
  [{ protocol: '$PROTOCOL' }, undefined],
])('the protocol of %j is %s', (port, protocol) => {
  expect(protocolOf(new Fields(servicePort, fromJson(port)))).toBe(protocol)
})

function visitOf(kind: string, spec: object): Visit {
  const root = fromJson({ apiVersion: 'networking.istio.io/v1', kind, metadata: { name: 'one' }, spec })
  const workloads: readonly unknown[] = [endpoint, workloadEntrySpec, workloadTemplate]
  const found = root && [...walk({ root })].find(({ schema }) => workloads.includes(schema))
  if (!found) throw new Error(`no workload in ${kind}`)
  return found
}
