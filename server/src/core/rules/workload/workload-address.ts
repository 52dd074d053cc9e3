import { lacks, placeIn, textAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { endpoint, workloadEntrySpec } from '../../istio/schema/workloadEntry.ts'
import { checkFQDN } from '../../istio/values/hostName.ts'
import { isIpAddress } from '../../istio/values/ipAddress.ts'
import { unixPath } from '../../istio/values/unixAddress.ts'
import { addressForm } from '../../istio/workload.ts'
import { type Judge, judged, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'workload-address',
  on: 'schema',
  of: [workloadEntrySpec, endpoint],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A workload without an address, or with one that its resolution does not accept.',
  why: 'Nothing could be reached there, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: db-1.example.com }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  ports: [{ number: 5432, name: tcp, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: 10.0.0.5 }]
`,

  *check(visit) {
    const { fields, node } = visit
    const form = addressForm(visit)
    const address = textAt(fields, 'address')
    if (address === undefined) return
    if (address === '') {
      const refusedBy = [...(form && isRefused(fields, form) ? ['webhook' as const] : []), ...(hasNeither(fields) ? ['crd' as const] : [])]
      if (isSome(refusedBy))
        yield judged(
          refusedBy,
          problem(
            fields.get('address') ?? placeIn(fields, visit.key?.span ?? node.span),
            `${missing} ${form === 'dns' ? advice.one : advice.either}`,
          ),
        )
      return
    }
    const reason = form && reasons[form](address)
    const place = fields.get('address')
    if (reason && place) yield problem(place, `"${address}" ${reason}, so Istio refuses the object. ${wayOut[form]}`)
  },
} satisfies SchemaRule

const missing = 'The workload has no address, so Istio refuses the object.'
const advice = { one: 'DNS needs one to look up: write "address".', either: 'Write its "address", or the "network" it is reached through.' }

type Form = NonNullable<ReturnType<typeof addressForm>>

/** Why an address is refused, as the rest of a sentence. */
const reasons: Readonly<Record<Form, (address: string) => string | undefined>> = {
  any: address => (unixPath(address) !== undefined || isHost(address) ? undefined : 'is neither an IP address nor a host name'),
  static: address =>
    unixPath(address) !== undefined || isIpAddress(address) ? undefined : 'is no IP address, and resolution "STATIC" looks up no names',
  dns: address => (isHost(address) ? undefined : 'is neither an IP address nor a name that DNS can look up'),
}

const wayOut: Readonly<Record<Form, string>> = {
  any: 'Write one of them.',
  static: 'Write an IP address, or use resolution "DNS".',
  dns: 'Write one of them.',
}

function isHost(address: string): boolean {
  return isIpAddress(address) || checkFQDN(address) === undefined
}

/** A network replaces the address, but not where a name is looked up. */
function isRefused(fields: Fields, form: Form): boolean {
  return form === 'dns' || textAt(fields, 'network') === ''
}

function hasNeither(fields: Fields): boolean {
  return lacks(fields, 'address') && lacks(fields, 'network')
}

function isSome(judges: readonly Judge[]): judges is readonly [Judge, ...Judge[]] {
  return judges.length > 0
}
