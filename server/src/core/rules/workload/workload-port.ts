import { isNull } from '../../istio/schema/fields.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { endpoint, workloadEntrySpec, workloadTemplate } from '../../istio/schema/workloadEntry.ts'
import { isDns1123Label } from '../../istio/values/hostName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { addressForm, serviceEntryOf } from '../../istio/workload.ts'
import type { Node, Scalar } from '../../yaml/tree.ts'
import { judged, type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'workload-port',
  on: 'schema',
  of: [workloadEntrySpec, endpoint, workloadTemplate],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A port of a workload under a name that no port can have, or that the service does not have.',
  why: 'The names are those of the ports of the service. Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  ports: [{ number: 5432, name: tcp-postgres, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: 10.0.0.5, ports: { tcp: 15432 } }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: database, namespace: shop }
spec:
  hosts: [db.example.com]
  ports: [{ number: 5432, name: tcp-postgres, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: 10.0.0.5, ports: { tcp-postgres: 15432 } }]
`,

  *check(visit) {
    const ports = visit.fields.get('ports')
    if (ports?.kind !== 'mapping') return
    const isLookedAt = addressForm(visit) !== undefined
    const known = isLookedAt ? namesOf(visit) : undefined
    for (const { key, value } of ports.entries) {
      if (isPlaceholder(key.text)) continue
      yield* badName(key, value, isLookedAt)
      if (isLookedAt && isNull(value))
        yield problem(key, `"${key.text}" has no number, which Istio reads as 0, so it refuses the object. Write the port.`)
      if (known && !known.has(key.text)) {
        yield problem(
          key,
          `The service has no port "${key.text}", so Istio refuses the object. Its ports are ${[...known].map(name => `"${name}"`).join(', ') || 'none'}.`,
        )
      }
    }
  },
} satisfies SchemaRule

/** The CRD takes 62 characters, the webhook one more. */
const longest = 62

function* badName(key: Scalar, value: Node | undefined, isLookedAt: boolean): Generator<Problem> {
  const isLabel = isDns1123Label(key.text)
  if (isLabel && key.text.length <= longest) return
  // The CRD does not see a port that is null.
  const [judge, ...others] = [...(isLookedAt && !isLabel ? ['webhook' as const] : []), ...(isNull(value) ? [] : ['crd' as const])]
  const message = `"${key.text}" is no valid port name, so Istio refuses the object. Use letters, digits and dashes between them, ${longest} at most.`
  if (judge) yield judged([judge, ...others], problem(key, message))
}

/** Names of the ports of the ServiceEntry; undefined where they cannot all be known. */
function namesOf(visit: Visit): ReadonlySet<string> | undefined {
  const service = serviceEntryOf(visit)
  if (!service) return undefined
  const names = service.objects('ports').map(port => port.text('name')?.value ?? '')
  return names.some(isPlaceholder) ? undefined : new Set(names)
}
