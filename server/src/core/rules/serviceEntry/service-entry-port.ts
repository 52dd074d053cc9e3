import { nearest } from '../../istio/nearest.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { servicePort } from '../../istio/schema/serviceEntry.ts'
import { numberOf } from '../../istio/schema/values.ts'
import { isDns1123Label } from '../../istio/values/hostName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { parseProtocol, protocols } from '../../istio/values/protocol.ts'
import { judged, type Problem, problem, replacement, type SchemaRule } from '../rule.ts'

export default {
  id: 'service-entry-port',
  on: 'schema',
  of: [servicePort],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A port with a name, protocol or target that Istio does not accept.',
  why: 'Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: https, protocol: SSL }]
  resolution: DNS
`,
  good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: https, protocol: TLS }]
  resolution: DNS
`,

  *check({ fields }) {
    yield* badName(fields)
    yield* badProtocol(fields)
    yield* badTarget(fields)
  },
} satisfies SchemaRule

function* badName(port: Fields): Generator<Problem> {
  const name = port.text('name')
  if (!name || isDns1123Label(name.value) || isPlaceholder(name.value)) return
  const what = name.value === '' ? 'The name of the port is empty' : `"${name.value}" is no valid port name`
  yield problem(name, `${what}, so Istio refuses the object. Use letters, digits and dashes between them, 63 at most.`)
}

function* badProtocol(port: Fields): Generator<Problem> {
  const protocol = port.text('protocol')
  if (!protocol?.value || parseProtocol(protocol.value) !== 'unsupported' || isPlaceholder(protocol.value)) return
  const what = `"${protocol.value}" is no protocol, so Istio refuses the object.`
  const meant = nearest(protocol.value.trim(), protocols) ?? protocols.find(each => each === protocol.value.trim().toUpperCase())
  yield meant
    ? problem(protocol, `${what} Did you mean "${meant}"?`, replacement(protocol, meant))
    : problem(protocol, `${what} Use ${protocols.join(', ')}.`)
}

/** The webhook takes 0 as not written; the CRD does not. */
function* badTarget(port: Fields): Generator<Problem> {
  const node = port.get('targetPort')
  const number = numberOf(node)
  if (!node || number === undefined || (1 <= number && number <= 65_535)) return
  const message = `"targetPort" must be from 1 to 65535, so the API server refuses the object. Leave it out to use the port number.`
  yield judged(number === 0 ? ['crd'] : ['webhook', 'crd'], problem(node, message))
}
