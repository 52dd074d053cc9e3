import type { Fields } from '../../istio/schema/fields.ts'
import { trafficPolicy } from '../../istio/schema/trafficPolicy.ts'
import { isUnknown, numberOf } from '../../istio/schema/values.ts'
import { checkFQDN } from '../../istio/values/hostName.ts'
import { isIpAddress } from '../../istio/values/ipAddress.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

const protocols: readonly string[] = ['', 'CONNECT', 'POST']
const largestPort = 65_535

export default {
  id: 'invalid-tunnel',
  on: 'schema',
  of: [trafficPolicy],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A tunnel without a valid target, by an unknown method, or together with the PROXY protocol.',
  why: 'Istio refuses the object. A tunnel needs the method CONNECT or POST, a host name or address, and a port from 1 to 65535.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: forward-proxy.example.com
  trafficPolicy:
    tunnel: { protocol: GET, targetHost: bank.example.com, targetPort: 443 }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: forward-proxy.example.com
  trafficPolicy:
    tunnel: { protocol: CONNECT, targetHost: bank.example.com, targetPort: 443 }
`,

  *check({ fields }) {
    const both = fields.key('proxyProtocol')
    const tunnel = fields.object('tunnel')
    if (both && fields.has('tunnel')) {
      yield problem(both, '"tunnel" and "proxyProtocol" cannot both be set, so Istio refuses the object. Remove one.')
    }
    if (tunnel) yield* tunnelProblems(tunnel)
    yield* versionProblems(fields.object('proxyProtocol'))
  },
} satisfies SchemaRule

function* tunnelProblems(tunnel: Fields): Generator<Problem> {
  const [protocol, host, port] = [tunnel.text('protocol'), tunnel.text('targetHost'), tunnel.get('targetPort')]
  if (protocol && !isUnknown(tunnel.get('protocol')) && !protocols.includes(protocol.value)) {
    yield problem(protocol, `"${protocol.value}" opens no tunnel, so Istio refuses the object. Use "CONNECT" or "POST", in capitals.`)
  }
  if (host && !isUnknown(tunnel.get('targetHost')) && !isIpAddress(host.value)) {
    const reason = checkFQDN(host.value)
    if (reason)
      yield problem(
        host,
        `"${host.value}" is neither a host name nor an address, so Istio refuses the object: ${reason}. Write one of them.`,
      )
  }
  const number = numberOf(port)
  if (port && number !== undefined && (number < 1 || number > largestPort)) {
    yield problem(port, `${number} is no port, so Istio refuses the object. Write a number from 1 to ${largestPort}.`)
  }
}

/** Words are another rule's; a number is decoded whether there is a word for it or not. */
function* versionProblems(proxyProtocol: Fields | undefined): Generator<Problem> {
  const version = proxyProtocol?.get('version')
  if (version?.kind !== 'scalar' || typeof version.value !== 'number' || version.value === 0 || version.value === 1) return
  yield problem(version, `There is no version ${version.value} of the PROXY protocol here, so Istio refuses the object. Use V1 or V2.`)
}
