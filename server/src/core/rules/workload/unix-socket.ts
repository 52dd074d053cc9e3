import type { Visit } from '../../istio/schema/walk.ts'
import { endpoint, workloadEntrySpec, workloadTemplate } from '../../istio/schema/workloadEntry.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { isUnixPath, unixPath } from '../../istio/values/unixAddress.ts'
import { addressForm, serviceEntryOf } from '../../istio/workload.ts'
import type { Located } from '../../yaml/tree.ts'
import { type Judge, judged, type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'unix-socket',
  on: 'schema',
  of: [workloadEntrySpec, endpoint, workloadTemplate],
  severity: 'error',
  istio: ['webhook', 'crd'],
  summary: 'A Unix domain socket without a proper path, or with ports.',
  why: 'A socket is one absolute path and has no ports. Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: checkout, namespace: shop }
spec:
  address: unix://run/checkout.sock
`,
  good: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: checkout, namespace: shop }
spec:
  address: unix:///run/checkout.sock
`,

  *check(visit) {
    const address = visit.fields.text('address')
    if (!address || isPlaceholder(address.value)) return
    const path = unixPath(address.value)
    if (path === undefined) return
    yield* badPath(visit, address, path)
    yield* ports(visit)
    const service = serviceEntryOf(visit)
    if (service && addressForm(visit) === 'static' && service.items('ports').length !== 1) {
      yield judged(['webhook'], problem(address, 'A socket serves exactly one port, so Istio refuses the object. Write one port.'))
    }
  },
} satisfies SchemaRule

/** A socket where DNS looks names up is no host: another rule says so. */
function* badPath(visit: Visit, address: Located<string>, path: string): Generator<Problem> {
  const judges = judgesOf({
    webhook: isLookedAt(visit) && !isUnixPath(path),
    crd: !/^[/@]/.test(path) || path.endsWith('/'),
  })
  const message = `"${address.value}" names no socket, so Istio refuses the object. Write an absolute path to a file, as in "unix:///run/app.sock".`
  if (judges) yield judged(judges, problem(address, message))
}

function* ports(visit: Visit): Generator<Problem> {
  const written = visit.fields.get('ports')
  const key = visit.fields.key('ports')
  if (written?.kind !== 'mapping' || !key) return
  const judges = judgesOf({ webhook: isLookedAt(visit) && written.entries.length > 0, crd: true })
  if (judges) yield judged(judges, problem(key, 'A Unix domain socket has no ports, so Istio refuses the object. Remove "ports".'))
}

function isLookedAt(visit: Visit): boolean {
  const form = addressForm(visit)
  return form === 'any' || form === 'static'
}

function judgesOf(refused: { readonly webhook: boolean; readonly crd: boolean }): readonly [Judge, ...Judge[]] | undefined {
  const [first, ...rest] = (['webhook', 'crd'] as const).filter(judge => refused[judge])
  return first && [first, ...rest]
}
