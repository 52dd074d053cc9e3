// Values that Istio's decoder reads otherwise than the CRD: who refuses the object.
import { expect, test } from 'vitest'
import { judged } from './fixture.ts'

const object = (kind: string, spec: string) =>
  `apiVersion: ${kind === 'PeerAuthentication' ? 'security' : kind === 'Telemetry' ? 'telemetry' : 'networking'}.istio.io/v1\nkind: ${kind}\nmetadata: { name: a, namespace: shop }\nspec: ${spec}\n`

test.each([
  ['the number of a word', object('PeerAuthentication', '{ mtls: { mode: 7 } }'), ['unknown-value: crd']],
  ['more than the decoder holds', object('PeerAuthentication', '{ mtls: { mode: 4294967296 } }'), ['unknown-value: webhook crd strict']],
  ['a number in quotes', object('WorkloadEntry', '{ address: 10.0.0.1, weight: "7" }'), ['wrong-type: crd']],
  ['a number in quotes that is out of bounds', proxyConfig('"-1"'), ['field-limit: webhook', 'wrong-type: crd']],
  ['a null in quotes', proxyConfig('"null"'), ['wrong-type: crd']],
  ['no number in quotes', proxyConfig('"two"'), ['wrong-type: webhook crd strict']],
  ['a negative interval', object('Telemetry', '{ metrics: [{ reportingInterval: -1s }] }'), ['invalid-duration: crd']],
  ['a bad name of a port', object('WorkloadEntry', '{ address: 10.0.0.1, ports: { "@": 80 } }'), ['workload-port: webhook crd']],
  ['a port that is null', object('WorkloadEntry', '{ address: 10.0.0.1, ports: { a: } }'), ['workload-port: webhook']],
  ['two fields that are missing', object('ServiceEntry', '{ hosts: [a.b], ports: [{ protocol: TLS }] }'), ['missing-field: webhook crd']],
])('%s', (_, yaml, expected) => {
  const found = judged(yaml, false).findings.filter(({ istio }) => istio === 'rejects')
  expect(found.map(({ rule, refusedBy }) => `${rule}: ${refusedBy.join(' ')}`)).toEqual(expected)
})

function proxyConfig(concurrency: string): string {
  return object('ProxyConfig', `{ concurrency: ${concurrency} }`).replace('/v1', '/v1beta1')
}
