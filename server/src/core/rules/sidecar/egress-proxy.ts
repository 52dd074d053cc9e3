import { numberAt, wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { outboundTrafficPolicy } from '../../istio/schema/sidecar.ts'
import { isPortNumber } from '../../istio/values/endpoint.ts'
import { checkFQDN, isDns1123Label } from '../../istio/values/hostName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'egress-proxy',
  on: 'schema',
  of: [outboundTrafficPolicy],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A Sidecar sends unknown traffic where Istio cannot send it.',
  why: 'Istio refuses a proxy for unknown traffic without ALLOW_ANY, a full name and a port.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  outboundTrafficPolicy:
    mode: REGISTRY_ONLY
    egressProxy: { host: egress.shop.svc.cluster.local, port: { number: 3128 } }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  outboundTrafficPolicy:
    mode: ALLOW_ANY
    egressProxy: { host: egress.shop.svc.cluster.local, port: { number: 3128 } }
`,

  *check({ fields }) {
    const mode = wordAt(fields, 'mode')
    const written = fields.get('mode')
    const proxy = fields.object('egressProxy')
    const key = fields.key('egressProxy')
    if (written && mode === meshOnlyMode) {
      yield problem(written, 'Only the mesh configuration can resolve unknown hosts by DNS, so Istio refuses the object. Use "ALLOW_ANY".')
    } else if (proxy && key && mode !== undefined && mode !== 'ALLOW_ANY') {
      yield problem(key, 'A proxy for unknown traffic needs "mode: ALLOW_ANY", so Istio refuses the object. Write it, or remove the proxy.')
    } else if (proxy) yield* destinationProblems(proxy)
  },
} satisfies SchemaRule

/** The number of ALLOW_ANY_DYNAMIC_DNS, which the CRD does not know. */
const meshOnlyMode = '3'

function* destinationProblems(proxy: Fields): Generator<Problem> {
  const host = proxy.text('host')
  const reason = host && !isPlaceholder(host.value) ? checkFQDN(host.value) : undefined
  if (host && reason) yield problem(host, `"${host.value}" is no host name, so Istio refuses the object: ${reason}. Write a full name.`)
  const subset = proxy.text('subset')
  if (subset && subset.value !== '' && !isPlaceholder(subset.value) && !isDns1123Label(subset.value)) {
    yield problem(
      subset,
      `"${subset.value}" is no valid subset name, so Istio refuses the object. Use letters, digits and dashes between them.`,
    )
  }
  const port = proxy.object('port')
  const number = port && numberAt(port, 'number')
  const where = port?.get('number') ?? proxy.key('port')
  if (where && number !== undefined && !isPortNumber(number)) {
    yield problem(where, `${number} is no port, so Istio refuses the object. Write a number from 1 to 65535.`)
  }
}
