import { numberAt, wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { egressListener, ingressListener } from '../../istio/schema/sidecar.ts'
import { isIpAddress } from '../../istio/values/ipAddress.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { isUnixPath, unixPath } from '../../istio/values/unixAddress.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'sidecar-bind',
  on: 'schema',
  of: [ingressListener, egressListener],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The address of a Sidecar listener is invalid, or does not fit its port.',
  why: 'An inbound listener takes an IP address, an outbound one also a Unix domain socket if its port is 0.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 8443, protocol: HTTP, name: http }
      defaultEndpoint: 127.0.0.1:8080
      bind: unix:///run/app.sock
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 8443, protocol: HTTP, name: http }
      defaultEndpoint: 127.0.0.1:8080
      bind: 127.0.0.1
`,

  *check({ schema, fields }) {
    const port = fields.object('port')
    const number = port && numberAt(port, 'number')
    if (number === undefined) return
    if (schema === egressListener && number === 0) yield* socketProblems(fields)
    else yield* addressProblems(fields)
  },
} satisfies SchemaRule

function* addressProblems(listener: Fields): Generator<Problem> {
  const bind = listener.text('bind')
  if (!bind || bind.value === '' || isPlaceholder(bind.value) || isIpAddress(bind.value)) return
  yield problem(bind, `"${bind.value}" is no IP address, so Istio refuses the object. Write one, or remove "bind".`)
}

/** That another address needs a port is said at the port. */
function* socketProblems(listener: Fields): Generator<Problem> {
  const bind = listener.text('bind')
  const path = bind && unixPath(bind.value)
  if (!bind || path === undefined || isPlaceholder(bind.value)) return
  if (!isUnixPath(path)) {
    yield problem(
      bind,
      `"${path}" is no absolute path to a file, so Istio refuses the object. Write "unix:///run/app.sock" or "unix://@name".`,
    )
  }
  const mode = wordAt(listener, 'captureMode')
  const written = listener.get('captureMode')
  if (written && mode !== undefined && mode !== 'DEFAULT' && mode !== 'NONE') {
    yield problem(written, 'Traffic cannot be redirected to a Unix domain socket, so Istio refuses the object. Use capture mode "NONE".')
  }
}
