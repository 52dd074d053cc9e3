// What Gateways and DestinationRules mean, held against a recorded gateway: there, missing, different, or not certain.
import { describe, expect, test } from 'vitest'
import { readFile } from '../../../../../server/src/core/istio/file.ts'
import { gatewayReport } from '../../../../../server/src/core/live/gateway/gateway.ts'
import type { GatewayReport } from '../../../../../server/src/core/live/gateway/gatewayReport.ts'
import { readGatewayTexts } from '../../../../../server/src/core/live/gateway/said.ts'
import { buildMesh } from '../../../../../server/src/core/mesh/build.ts'
import type { JsonObject } from '../../../../../server/src/core/proxy/json.ts'
import { changed, dump } from '../../proxy/dumps.ts'

const now = '2026-11-21T09:00:00Z'
const whole = dump('intermediate-ca/ingress-gateway')

const around = `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: "trustDomain: cluster.local" }
---
apiVersion: v1
kind: Namespace
metadata: { name: istio-system }
---
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-system, labels: { app: ingress, istio: ingress } }
spec: { serviceAccountName: ingress, containers: [{ name: istio-proxy, args: [proxy, router] }] }
---
apiVersion: v1
kind: Service
metadata: { name: ingress, namespace: istio-system }
spec: { selector: { istio: ingress }, ports: [{ name: https, port: 443, targetPort: 8443 }, { name: admin, port: 9443 }, { name: late, port: 9444 }] }
`

const gateway = (servers: string, { namespace = 'istio-system', labels = '{}' } = {}) => `
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web, namespace: ${namespace}, labels: ${labels} }
spec:
  selector: { istio: ingress }
  servers: [${servers}]
`

const server = (number: number, mode: string, host: string, credentialName: string) =>
  `{ port: { number: ${number}, name: https-${number}, protocol: HTTPS }, tls: { mode: ${mode}, credentialName: ${credentialName} }, hosts: ["${host}"] }`

function report(
  yaml: string,
  { document = whole, closedWorld = true }: { document?: JsonObject; closedWorld?: boolean } = {},
): GatewayReport {
  const said = readGatewayTexts({ dump: JSON.stringify(document) }, now)
  if (!said) throw new Error('no dump')
  const { resources } = readFile('file:///mesh.yaml', `${around}${yaml}`)
  return gatewayReport(said, { mesh: buildMesh({ files: resources, closedWorld }), pod: { namespace: 'istio-system', name: 'ingress-1' } })
}

const state = ({ meant }: GatewayReport) => meant?.servers.map(each => each.state)
const detail = ({ meant }: GatewayReport) => meant?.servers.map(each => each.detail)

describe('servers', () => {
  test.each([
    ['by the port of the Service', server(443, 'SIMPLE', 'shop.example.com', 'shop-tls'), 'there'],
    ['with a namespace before the host', server(443, 'SIMPLE', 'shop/shop.example.com', 'shop-tls'), 'there'],
    ['with client certificates', server(9443, 'MUTUAL', 'admin.example.com', 'admin-tls'), 'there'],
    ['of another mode', server(9443, 'SIMPLE', 'admin.example.com', 'admin-tls'), 'different'],
    ['with another secret', server(443, 'SIMPLE', 'shop.example.com', 'shop-tls-2027'), 'different'],
    ['of a host that it does not have', server(443, 'SIMPLE', 'new.example.com', 'shop-tls'), 'missing'],
    ['on a port without listener', server(8444, 'SIMPLE', 'shop.example.com', 'shop-tls'), 'missing'],
    ['that only routes make', server(8444, 'PASSTHROUGH', 'shop.example.com', 'shop-tls'), 'unknown'],
    ['of TCP, which only routes make', '{ port: { number: 8088, name: tcp, protocol: TCP }, hosts: ["*"] }', 'there'],
    ['passed through where another is', server(443, 'PASSTHROUGH', 'shop.example.com', 'shop-tls'), 'unknown'],
    ['passed through to the mesh', server(443, 'AUTO_PASSTHROUGH', 'shop.example.com', 'shop-tls'), 'unknown'],
    ['of several hosts, one of which is not there', server(443, 'SIMPLE', 'shop.example.com", "new.example.com', 'shop-tls'), 'missing'],
    ['in plaintext', '{ port: { number: 8088, name: http, protocol: HTTP }, hosts: ["*"] }', 'there'],
    ['in plaintext where there is none', '{ port: { number: 8089, name: http, protocol: HTTP }, hosts: ["*"] }', 'missing'],
  ])('%s', (_, written, expected) => {
    expect(state(report(gateway(written)))).toEqual([expected])
  })

  test('what is missing or different is told, and how far it came', () => {
    const { problems, pending } = report(gateway(server(443, 'SIMPLE', 'new.example.com', 'shop-tls')))
    expect(problems.find(({ id }) => id === 'server-missing')?.message).toBe(
      'The server 443 for "new.example.com" (SIMPLE) is meant and not there: 127.1.0.12:8443 is there without it: istiod has not sent it, or another Gateway came first with the port or the host. See the Gateway and its status, and the log of istiod.',
    )
    expect(pending.filter(({ stage }) => stage === 'meant')).toMatchObject([
      { what: 'server', name: 'Gateway istio-system/web: 443 new.example.com', state: 'missing' },
    ])
  })

  test('a port below 1024 that no Service opens', () => {
    const [why] = detail(report(gateway(server(444, 'SIMPLE', 'shop.example.com', 'shop-tls')))) ?? []
    expect(why).toMatch(/^no Service of the gateway has port 444, so istiod takes it for a port of the pod/)
  })

  test('a refused listener is the reason', () => {
    const document = changed(whole, object => {
      if (object.name === '127.1.0.12_8443' && 'active_state' in object) object.error_state = { details: 'duplicate matcher' }
    })
    const found = report(gateway(server(443, 'SIMPLE', 'new.example.com', 'shop-tls')), { document })
    expect(detail(found)).toEqual(['Envoy refused the newest configuration of 127.1.0.12:8443: duplicate matcher'])
    expect(found.pending).toContainEqual(
      expect.objectContaining({ stage: 'sent', what: 'listener', state: 'refused', detail: 'duplicate matcher' }),
    )
  })

  test.each([
    ['a Gateway of another namespace, which istiod may be told to leave out', { namespace: 'shop' }],
    ['a Gateway of another revision', { labels: '{ istio.io/rev: canary }' }],
  ])('nothing is said of %s', (_, given) => {
    const { problems, meant } = report(gateway(server(443, 'SIMPLE', 'new.example.com', 'shop-tls'), given))
    expect(meant?.servers.filter(each => each.state !== 'unknown')).toEqual([])
    expect(problems.filter(({ id }) => id.startsWith('server-'))).toEqual([])
  })

  test('nothing is certain where not all Services are known', () => {
    const found = report(gateway(server(445, 'SIMPLE', 'new.example.com', 'shop-tls')), { closedWorld: false })
    expect(state(found)).toEqual(['unknown'])
  })

  test('nothing is meant for a sidecar', () => {
    const document = dump('intermediate-ca/checkout-sidecar')
    const { meant, notes, servers } = report(gateway(server(443, 'SIMPLE', 'new.example.com', 'shop-tls')), { document })
    expect([meant, servers]).toEqual([null, []])
    expect(notes).toEqual(["This proxy is a sidecar, no gateway: its ports are the mesh's own, so it has no servers of a Gateway."])
  })

  test('listeners of the Gateway API need a port of the Service', () => {
    const labels = 'gateway.networking.k8s.io/gateway-name: web'
    const yaml = (port: number, hostname: string, protocol: string) => `
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: web, namespace: istio-system }
spec:
  gatewayClassName: istio
  listeners: [{ name: l, port: ${port}, protocol: ${protocol}, hostname: "${hostname}" }]
---
apiVersion: v1
kind: Pod
metadata: { name: ingress-1, namespace: istio-system, labels: { istio: ingress, ${labels} } }
spec: { serviceAccountName: ingress, containers: [{ name: istio-proxy, args: [proxy, router] }] }
`
    const only = (port: number, hostname: string, protocol = 'HTTPS') => {
      const said = readGatewayTexts({ dump: JSON.stringify(whole) }, now)
      const { resources } = readFile(
        'file:///mesh.yaml',
        around.replace(/kind: Pod\nmetadata: \{ name: ingress-1/, 'kind: Pod\nmetadata: { name: other-1') + yaml(port, hostname, protocol),
      )
      return (
        said &&
        gatewayReport(said, {
          mesh: buildMesh({ files: resources, closedWorld: true }),
          pod: { namespace: 'istio-system', name: 'ingress-1' },
        })
      )
    }
    expect(only(443, 'shop.example.com')?.meant?.servers.map(each => each.state)).toEqual(['there'])
    // It may be a placeholder for ListenerSets.
    expect(only(443, 'new.example.com')?.meant?.servers.map(each => each.state)).toEqual(['unknown'])
    expect(only(8444, '', 'HTTP')?.meant?.servers.map(each => each.detail)).toEqual([
      'no Service of the gateway has port 8444, so istiod does not open it',
    ])
  })
})

describe('backends', () => {
  const checkout = `
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout, security.istio.io/tlsMode: istio }, annotations: { sidecar.istio.io/status: "{}" } }
spec: { serviceAccountName: checkout, containers: [{ name: app }, { name: istio-proxy }] }
status: { phase: Running, podIP: 127.1.0.11 }
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ name: http, port: 9080 }] }
`
  const rule = (mode: string) => `
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: checkout, namespace: shop }
spec: { host: checkout.shop.svc.cluster.local, trafficPolicy: { tls: { mode: ${mode} } } }
`
  test.each([
    ['ISTIO_MUTUAL', 'same'],
    ['DISABLE', 'different'],
  ])('a DestinationRule that says %s', (mode, expected) => {
    const { meant, problems } = report(`${checkout}${rule(mode)}`)
    expect(meant?.backends).toEqual([
      { cluster: 'outbound|9080||checkout.shop.svc.cluster.local', destinationRule: 'shop/checkout', meant: mode, state: expected },
    ])
    const told = problems.filter(({ id }) => id === 'backend-tls-different').map(({ message }) => message)
    const sentence =
      'Configuration means plaintext by DestinationRule "shop/checkout", and the proxy has mTLS with the mesh\'s certificate (ISTIO_MUTUAL): it has not received this, or an EnvoyFilter changes it.'
    expect(told).toEqual(expected === 'same' ? [] : [sentence])
  })

  test('nothing is said where not all DestinationRules are known', () => {
    expect(report(`${checkout}${rule('DISABLE')}`, { closedWorld: false }).meant?.backends).toEqual([])
  })
})
