import { namespacesAsked, resolvedHost } from '../../decide/mtls/destinationRules.ts'
import { type Followers, followersOf, isFor, isSameRule } from '../../decide/mtls/followers.ts'
import { type Connection, connections, statusOf } from '../../decide/mtls/paths.ts'
import { settingsAt } from '../../decide/mtls/trafficPolicy.ts'
import { isWithin } from '../../decide/mtls/visibleHosts.ts'
import { perMesh } from '../../decide/perMesh.ts'
import type { DestinationRule } from '../../istio/resources.ts'
import { groupBy } from '../../mesh/groupBy.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { problem, type Rule } from '../rule.ts'
import { namesItsHosts } from './certain.ts'

export default {
  id: 'hidden-tls-settings',
  on: 'DestinationRule',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A DestinationRule without TLS settings stands before another one that has them.',
  why: 'A client follows one rule only, the nearest: the TLS settings of the other do not hold, and plaintext is sent.',
  codes: ['KIA0204'],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: shop }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: egress }
spec:
  hosts: [partner.example.com]
  ports: [{ number: 443, name: http, protocol: HTTP }]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: partner, namespace: egress }
spec:
  host: partner.example.com
  trafficPolicy:
    tls: { mode: SIMPLE, caCertificates: /etc/partner/root.pem }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: partner-pool, namespace: shop }
spec:
  host: partner.example.com
  trafficPolicy:
    connectionPool: { tcp: { maxConnections: 100 } }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: shop }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: egress }
spec:
  hosts: [partner.example.com]
  ports: [{ number: 443, name: http, protocol: HTTP }]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: partner, namespace: shop }
spec:
  host: partner.example.com
  trafficPolicy:
    tls: { mode: SIMPLE, caCertificates: /etc/partner/root.pem }
    connectionPool: { tcp: { maxConnections: 100 } }
`,

  *check(rule, mesh) {
    if (!namesItsHosts(rule)) return
    for (const followers of followersOf(rule, mesh)) {
      const hidden = followers.fate.is === 'followed' ? hiddenBy(rule, followers, mesh) : []
      for (const connection of hidden.length > 0 ? plaintextOf(followers, mesh) : []) {
        const found = hidden.find(each => isMissed(each, connection))
        if (!found) continue
        const { cluster, client } = connection
        const mode = settingsAt(found.trafficPolicy, undefined, cluster.port.port).tls?.mode?.value
        yield problem(
          rule.at.name ?? rule.at.kind,
          `Clients of "${cluster.host.host}:${cluster.port.port}" in namespace "${client.namespace}" follow this rule alone, so ${mode} of "${found.namespace}/${found.name}" does not hold for them and they send plaintext. Repeat its "tls" here.`,
        )
        return
      }
    }
  },
} satisfies Rule<'DestinationRule'>

/** Rules with TLS settings that the clients would see, were it not for this one; the nearest first. */
function hiddenBy(rule: DestinationRule, { host, first, chosen }: Followers, mesh: Mesh): readonly DestinationRule[] {
  const asked = namespacesAsked(mesh.settings, first.namespace, host)
  return asked
    .flatMap(namespace => [`${namespace} ${host.host}`, `${namespace} *`].flatMap(key => withTls(mesh).get(key) ?? []))
    .filter(each => !isSameRule(each, rule) && !chosen?.rules.some(other => isSameRule(each, other)))
    .filter(each => isWithin(host.host, resolvedHost(each)) && isFor(each, first, mesh) && !each.workloadSelector)
}

/** By namespace and host; all wildcards of a namespace together. */
const withTls = perMesh(mesh => {
  const rules = mesh.all('DestinationRule').filter(({ trafficPolicy }) => trafficPolicy?.tls || trafficPolicy?.ports.some(({ tls }) => tls))
  return groupBy(rules, rule => `${rule.namespace} ${resolvedHost(rule).replace(/^\*.*/, '*')}`)
})

/** Connections for which no rule has TLS settings. */
function* plaintextOf({ host, first }: Followers, mesh: Mesh): Generator<Connection> {
  for (const connection of connections(mesh, { from: [first], to: { host: host.host } })) {
    const { sent, cluster } = connection
    if (sent.by === 'proxy' && sent.tls === 'DISABLE' && !cluster.userTls && !cluster.subset) yield connection
  }
}

/** TLS for a server outside, or mTLS that auto mTLS does not make up for. */
function isMissed({ trafficPolicy }: DestinationRule, connection: Connection): boolean {
  const { cluster, missing, outcome } = connection
  const mode = settingsAt(trafficPolicy, undefined, cluster.port.port).tls?.mode?.value
  if (mode === 'SIMPLE' || mode === 'MUTUAL') return missing.length === 0 && outcome.status !== 'unknown'
  return mode === 'ISTIO_MUTUAL' && statusOf(connection) === 'conflict'
}
