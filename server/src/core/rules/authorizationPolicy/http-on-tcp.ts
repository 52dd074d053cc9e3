import { appProtocolOf } from '../../decide/authorization/appProtocol.ts'
import { serverPorts } from '../../decide/ports.ts'
import type { AuthorizationPolicy, AuthorizationRule } from '../../istio/resources.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import type { Located } from '../../yaml/tree.ts'
import { problem, type Rule } from '../rule.ts'
import { coveredBy, listed, named } from './covered.ts'
import { isForPort, portsOf } from './plaintext.ts'

export default {
  id: 'http-on-tcp',
  on: 'AuthorizationPolicy',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A rule about HTTP requests, for ports that are declared to speak TCP.',
  why: 'A TCP connection has no methods, paths, hosts, headers or tokens. An ALLOW rule that asks for them is left out there, a DENY rule loses them and stops more.',
  codes: [],
  bad: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: bank }
spec:
  selector: { app: ledger }
  ports: [{ name: tcp-books, port: 5432 }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - to:
        - operation:
            methods: [GET]
`,
  good: `
apiVersion: v1
kind: Pod
metadata: { name: ledger-1, namespace: bank, labels: { app: ledger } }
spec:
  containers: [{ name: app }, { name: istio-proxy }]
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: bank }
spec:
  selector: { app: ledger }
  ports: [{ name: http-books, port: 5432 }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ledger, namespace: bank }
spec:
  rules:
    - to:
        - operation:
            methods: [GET]
`,

  *check(policy, mesh) {
    for (const rule of policy.rules) {
      const effect = effectOf(policy, rule)
      const place = effect === undefined ? undefined : firstOfHttp(rule)
      if (!place) continue
      const meant = tcpPorts(policy, rule, mesh)
      if (!meant) continue
      const ports = meant.ports.map(String)
      yield problem(
        place,
        `Port${ports.length > 1 ? 's' : ''} ${listed(ports)} of ${named(meant.workloads)} ${ports.length > 1 ? 'speak' : 'speaks'} TCP, where connections have nothing of HTTP: ${effect} Ask for what connections have, or declare HTTP in the name of the Service port.`,
      )
    }
  },
} satisfies Rule<'AuthorizationPolicy'>

/** Without a port in it, Istio itself warns of a DENY rule (`deny-on-tcp`). */
function effectOf({ action }: AuthorizationPolicy, rule: AuthorizationRule): string | undefined {
  if (action === 'ALLOW') return 'the whole rule is left out there and lets nobody in.'
  return action === 'DENY' && (portsOf(rule) ?? []).length > 0 ? 'the rule stops whatever else it matches there.' : undefined
}

const ofSources = ['requestPrincipals', 'notRequestPrincipals'] as const
const ofOperations = ['hosts', 'notHosts', 'methods', 'notMethods', 'paths', 'notPaths'] as const

function firstOfHttp({ from, to, when }: AuthorizationRule): Located<string> | undefined {
  return [
    ...from.flatMap(source => ofSources.flatMap(field => source[field])),
    ...to.flatMap(operation => ofOperations.flatMap(field => operation[field])),
    ...when.map(({ key }) => key).filter(({ value }) => value.startsWith('request.')),
  ][0]
}

interface TcpPorts {
  readonly workloads: readonly Workload[]
  readonly ports: readonly number[]
}

/** The ports a rule is for, where all of them are declared to speak TCP at all the workloads that have them. */
function tcpPorts(policy: AuthorizationPolicy, rule: AuthorizationRule, mesh: Mesh): TcpPorts | undefined {
  const wanted = portsOf(rule)
  if (!wanted) return undefined
  const workloads: Workload[] = []
  const meant = new Set<number>()
  for (const workload of coveredBy(policy, mesh)) {
    if (workload.proxy === 'none') continue
    const served = serverPorts(workload, mesh).map(({ port }) => port)
    const ports = served.filter(port => isForPort(rule, port))
    if (ports.length === 0 && served.length > 0) continue
    if (!speaksTcp(workload, ports, mesh)) return undefined
    workloads.push(workload)
    for (const port of ports) meant.add(port)
  }
  return workloads.length > 0 ? { workloads, ports: [...meant] } : undefined
}

function speaksTcp(workload: Workload, ports: readonly number[], mesh: Mesh): boolean {
  if (workload.proxy !== 'sidecar' || ports.length === 0 || !mesh.complete('Service', workload.namespace)) return false
  return ports.every(port => appProtocolOf({ workload, port }, mesh) === 'tcp')
}
