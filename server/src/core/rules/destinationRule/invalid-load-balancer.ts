import { numberAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { hashAlgorithms, hashKeys, loadBalancer } from '../../istio/schema/trafficPolicy.ts'
import { isUnknown } from '../../istio/schema/values.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'
import { localityProblems, zoneProblems } from './locality.ts'

const largestTable = 5_000_011
const refused = 'so Istio refuses the object'

export default {
  id: 'invalid-load-balancer',
  on: 'schema',
  of: [loadBalancer],
  severity: 'error',
  istio: ['webhook'],
  summary: 'Load balancing with settings that contradict each other or that Envoy cannot use.',
  why: 'Istio refuses the object: cookies and their attributes need names, a Maglev table a prime number as its size, weights must add up to 100.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    loadBalancer:
      consistentHash: { httpHeaderName: x-user, maglev: { tableSize: 65536 } }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    loadBalancer:
      consistentHash: { httpHeaderName: x-user, maglev: { tableSize: 65537 } }
`,

  *check({ fields }) {
    // Of several policies the decoder keeps the last one.
    const hash = fields.has('backendUtilization') ? undefined : fields.object('consistentHash')
    if (hash) yield* hashProblems(hash)
    const zone = fields.key('zoneAwareLbSetting')
    if (zone && fields.has('localityLbSetting')) {
      yield problem(zone, `"localityLbSetting" and "zoneAwareLbSetting" cannot both be set, ${refused}. Remove one.`)
    }
    const [locality, zoneAware] = [fields.object('localityLbSetting'), fields.object('zoneAwareLbSetting')]
    if (locality) yield* localityProblems(locality)
    if (zoneAware) yield* zoneProblems(zoneAware)
    yield* warmupProblems(fields.object('warmup'))
  },
} satisfies SchemaRule

function* hashProblems(hash: Fields): Generator<Problem> {
  const cookie = hashKeys.findLast(name => hash.has(name)) === 'httpCookie' ? hash.object('httpCookie') : undefined
  if (cookie) yield* cookieProblems(cookie)
  const size = hash.key('minimumRingSize')
  if (size && (numberAt(hash, 'minimumRingSize') ?? 0) !== 0 && hashAlgorithms.some(name => hash.has(name))) {
    yield problem(size, `"minimumRingSize" cannot be set beside "ringHash" or "maglev", ${refused}. Write it below "ringHash".`)
  }
  yield* tableProblems(hash.object('maglev'))
}

function* cookieProblems(cookie: Fields): Generator<Problem> {
  const name = cookie.text('name')
  if (name?.value === '') yield problem(name, `This cookie has no name, ${refused}. Write one.`)
  const seen = new Set<string>()
  for (const attribute of cookie.objects('attributes')) {
    const written = attribute.text('name')
    if (!written || isUnknown(attribute.get('name'))) continue
    if (written.value === '') yield problem(written, `This attribute has no name, ${refused}. Write one.`)
    else if (seen.has(written.value)) yield problem(written, `The attribute "${written.value}" is listed twice, ${refused}. Remove one.`)
    seen.add(written.value)
  }
}

function* tableProblems(maglev: Fields | undefined): Generator<Problem> {
  const size = maglev?.get('tableSize')
  const value = maglev && numberAt(maglev, 'tableSize')
  if (!size || value === undefined || (value < largestTable && isPrime(value))) return
  yield problem(size, `The size of a Maglev table must be a prime number below ${largestTable}, ${refused}. The usual size is 65537.`)
}

/** As Envoy asks: 1 counts. */
function isPrime(value: number): boolean {
  if (0 < value && value < 4) return true
  if (value % 2 === 0) return false
  for (let factor = 3; factor <= Math.sqrt(value); factor += 2) if (value % factor === 0) return false
  return true
}

function* warmupProblems(warmup: Fields | undefined): Generator<Problem> {
  if (!warmup) return
  const [percent, aggression] = [warmup.get('minimumPercent'), warmup.get('aggression')]
  if (percent && (numberAt(warmup, 'minimumPercent') ?? 0) > 100) {
    yield problem(percent, `"minimumPercent" can be at most 100, ${refused}.`)
  }
  if (aggression && numberAt(warmup, 'aggression') === 0) {
    yield problem(aggression, `"aggression" must be more than 0, ${refused}. 1 is linear.`)
  }
}
