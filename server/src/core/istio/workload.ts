// Where a workload is described, and what its address may look like there.
// Source: istio/istio:pkg/config/validation/validation.go (validateWorkloadEntry, ValidateServiceEntry).
import { wordAt } from './schema/decoded.ts'
import type { Fields } from './schema/fields.ts'
import type { Visit } from './schema/walk.ts'
import { endpoint, workloadEntrySpec } from './schema/workloadEntry.ts'

/** The spec of the ServiceEntry that an endpoint stands in. */
export function serviceEntryOf({ schema, object }: Visit): Fields | undefined {
  return schema === endpoint ? object.fields.object('spec') : undefined
}

/** `any` is an IP address, a host or a socket; `static` no host, `dns` no socket. Undefined where Istio's webhook does not look. */
export function addressForm(visit: Visit): 'any' | 'static' | 'dns' | undefined {
  if (visit.schema === workloadEntrySpec) return 'any'
  const spec = serviceEntryOf(visit)
  const resolution = spec && wordAt(spec, 'resolution')
  if (resolution === 'STATIC') return 'static'
  return resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN' ? 'dns' : undefined
}
