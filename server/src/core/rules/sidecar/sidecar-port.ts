import { numberAt, textAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { sidecarSpec } from '../../istio/schema/sidecar.ts'
import { isPortNumber } from '../../istio/values/endpoint.ts'
import { isDns1123Label } from '../../istio/values/hostName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { unixPath } from '../../istio/values/unixAddress.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'sidecar-port',
  on: 'schema',
  of: [sidecarSpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The port of a Sidecar listener is out of range, badly named or taken.',
  why: 'Each listener needs a port of its own, from 1 to 65535; an outbound one can have a Unix domain socket instead.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 70000, protocol: HTTP, name: http }
      defaultEndpoint: 127.0.0.1:8080
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 8443, protocol: HTTP, name: http }
      defaultEndpoint: 127.0.0.1:8080
`,

  *check({ fields }) {
    const ingress = fields.objects('ingress')
    const egress = fields.objects('egress')
    for (const each of ingress) yield* portProblems(each, false)
    for (const each of egress) yield* portProblems(each, true)
    yield* repeated(ingress)
    yield* repeated(egress)
    yield* repeatedSockets(egress)
  },
} satisfies SchemaRule

function* portProblems(listener: Fields, socketAllowed: boolean): Generator<Problem> {
  const port = listener.object('port')
  if (!port) return
  const number = numberAt(port, 'number')
  const where = port.get('number') ?? listener.key('port')
  if (where && number !== undefined && !isPortNumber(number) && !(number === 0 && socketAllowed && mayBeSocket(listener))) {
    const what = port.has('number') ? `${number} is no port` : 'Without a number this is port 0'
    const instead = socketAllowed ? ', or a Unix domain socket in "bind"' : ''
    yield problem(where, `${what}, so Istio refuses the object. Write a number from 1 to 65535${instead}.`)
  }
  const name = port.text('name')
  if (name && name.value !== '' && !isPlaceholder(name.value) && !isDns1123Label(name.value)) {
    yield problem(name, `"${name.value}" is no valid port name, so Istio refuses the object. Use letters, digits and dashes between them.`)
  }
}

function mayBeSocket(listener: Fields): boolean {
  const bind = textAt(listener, 'bind')
  return bind === undefined || unixPath(bind) !== undefined
}

function* repeated(listeners: readonly Fields[]): Generator<Problem> {
  const seen = new Set<number>()
  for (const port of listeners.flatMap(each => each.object('port') ?? [])) {
    const number = numberAt(port, 'number')
    const where = port.get('number')
    if (!where || !number) continue
    if (seen.has(number)) yield problem(where, `Another listener has port ${number} too, so Istio refuses the object. Merge them.`)
    seen.add(number)
  }
}

function* repeatedSockets(listeners: readonly Fields[]): Generator<Problem> {
  const seen = new Set<string>()
  for (const listener of listeners) {
    const port = listener.object('port')
    const bind = listener.text('bind')
    if (!port || !bind || numberAt(port, 'number') !== 0 || unixPath(bind.value) === undefined || isPlaceholder(bind.value)) continue
    if (seen.has(bind.value))
      yield problem(bind, `Another listener has the socket "${bind.value}" too, so Istio refuses the object. Merge them.`)
    seen.add(bind.value)
  }
}
