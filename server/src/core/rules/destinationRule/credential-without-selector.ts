import { followersOf } from '../../decide/mtls/followers.ts'
import { connections } from '../../decide/mtls/paths.ts'
import { blockOf, blocksOf } from '../../decide/mtls/ruleConflicts.ts'
import type { ClientTls } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { problem, type Rule } from '../rule.ts'
import { namesItsHosts } from './certain.ts'

export default {
  id: 'credential-without-selector',
  on: 'DestinationRule',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A DestinationRule with credentialName and without workloadSelector is followed by sidecars.',
  why: 'Only gateways, and workloads that the rule selects, are given the secret. All others send plaintext, although the rule says TLS.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: shop, labels: { app: frontend } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
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
    tls: { mode: SIMPLE, credentialName: partner-ca }
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: shop, labels: { app: frontend } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: partner, namespace: shop }
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
  workloadSelector: { matchLabels: { app: frontend } }
  trafficPolicy:
    tls: { mode: SIMPLE, credentialName: partner-ca }
`,

  *check(rule, mesh) {
    if (rule.workloadSelector || !namesItsHosts(rule) || !blocksOf(rule).some(isFromSecret)) return
    const told = new Set<ClientTls>()
    for (const { first, host, fate } of followersOf(rule, mesh)) {
      if (first.proxy !== 'sidecar' || fate.is === 'hidden') continue
      for (const connection of connections(mesh, { from: [first], to: { host: host.host } })) {
        const { cluster, missing } = connection
        const tls = blockOf(connection)
        if (!tls?.credentialName || told.has(tls) || !blocksOf(rule).includes(tls)) continue
        if (cluster.tls !== 'DISABLE' || cluster.userTls === 'DISABLE' || missing.length > 0) continue
        told.add(tls)
        yield problem(
          tls.credentialName,
          `Sidecars are not given this secret, so "${first.namespace}/${first.name}" sends plaintext to "${host.host}:${cluster.port.port}" in spite of ${cluster.userTls}. Select the clients with "workloadSelector", or name files that are mounted in the sidecar.`,
        )
      }
    }
  },
} satisfies Rule<'DestinationRule'>

function isFromSecret({ credentialName }: ClientTls): boolean {
  return credentialName !== undefined && credentialName.value !== '' && !isPlaceholder(credentialName.value)
}
