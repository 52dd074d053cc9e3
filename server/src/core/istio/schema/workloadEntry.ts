// WorkloadEntry. Source: istio/api:networking/v1alpha3/workload_entry.proto, told in our words.
import { type Field, field, type MapSchema, type NumberSchema, object, string, unsigned } from './schema.ts'
import { kind } from './shared.ts'

/** A port of a workload; what Istio's webhook never sees is refused by the CRD alone. */
const portNumber: NumberSchema = { ...unsigned, min: 1, max: 65_535 }
const checkedPortNumber: NumberSchema = { ...portNumber, refusedBy: 'both' }

export const workloadLabels: MapSchema = { type: 'map', keys: 'label', values: string, max: 256 }
const templateLabels: MapSchema = { ...workloadLabels }

const workloadPorts: MapSchema = { type: 'map', keys: 'text', values: checkedPortNumber, max: 128 }
const templatePorts: MapSchema = { ...workloadPorts, values: portNumber }

const workloadFields: Readonly<Record<string, Field>> = {
  address: field(
    { type: 'string', maxLength: 256 },
    'IP address of the workload, a host name where the ServiceEntry resolves by DNS, or `unix://` and the absolute path of a socket.',
    { example: 'address: 10.0.0.5' },
  ),
  ports: field(workloadPorts, 'The port of the workload behind each port of the service, by the **name** of the service port.', {
    example: 'ports: { http: 8080 }',
  }),
  labels: field(
    workloadLabels,
    'Labels of the workload: selectors of policies and of ServiceEntries match them as they match those of pods.',
    { example: 'labels: { app: checkout }' },
  ),
  network: field(
    { type: 'string', maxLength: 2048 },
    'The network the workload is in. Without an address its traffic goes through a gateway.',
    {
      example: 'network: vm-network',
    },
  ),
  locality: field({ type: 'string', maxLength: 2048 }, 'Region, zone and sub-zone, joined by slashes.', {
    example: 'locality: us/us-east-1/az-1',
  }),
  weight: field(unsigned, 'Share of the traffic among the endpoints.', { example: 'weight: 50' }),
  serviceAccount: field(
    { type: 'string', maxLength: 253 },
    'The service account whose identity the workload presents, in the namespace of this object: callers expect it in the certificate.',
    { example: 'serviceAccount: checkout' },
  ),
}

export const workloadEntrySpec = object('the spec of a WorkloadEntry', workloadFields)

/** A WorkloadEntry written inside a ServiceEntry. */
export const endpoint = object('an endpoint', workloadFields)

/** A WorkloadEntry without what each workload brings along. Istio's webhook does not look into it. */
export const workloadTemplate = object('a template', {
  ...workloadFields,
  labels: field(templateLabels, 'Labels of the workloads; better written in the metadata of the group.', {
    example: 'labels: { app: checkout }',
  }),
  ports: field(templatePorts, 'The port of the workloads behind each port of the service, by the **name** of the service port.', {
    example: 'ports: { http: 8080 }',
  }),
  serviceAccount: field(
    { type: 'string', maxLength: 253 },
    'The service account whose identity the workloads present, in the namespace of this object.',
    { example: 'serviceAccount: checkout', default: 'default' },
  ),
})

export const workloadEntry = kind('a WorkloadEntry', workloadEntrySpec, { required: 'both' })
