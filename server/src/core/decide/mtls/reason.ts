// Why a connection ends as it does, in one sentence: who decides at the client, who at the server, and what to do where they disagree.

import type { Cluster, SentTo, TlsMode } from './clientTls.ts'
import type { MergedRule } from './destinationRules.ts'
import { type Instance, nameOf, tlsModeLabel } from './instances.ts'
import type { Conflict, Missing, Outcome, Sent, Taken } from './meeting.ts'
import type { Decided } from './server.ts'

export interface Told {
  readonly client: Instance
  readonly cluster: Cluster
  readonly to: SentTo
  readonly sent: Sent
  readonly taken: Taken
  readonly outcome: Outcome
  /** The PeerAuthentication in force at the port. */
  readonly policy: Decided
  /** In the certificate of the server. */
  readonly identity?: string
}

export function reasonFor(told: Told): string {
  const { outcome } = told
  switch (outcome.status) {
    case 'ok':
      return sentence(`${clientSide(told)}, and ${serverSide(told)}`)
    case 'conflict':
      return sentence(`${clientSide(told)}, but ${refusal(outcome.because, told)}; ${repair(outcome.because, told)}`)
    case 'unknown':
      return sentence(`${clientSide(told)}, and ${serverSide(told)}; it is not known ${missing(outcome.missing, told)}`)
    default:
      return outcome satisfies never
  }
}

/** What a client would send to a host without endpoints. */
export function reasonWithoutEndpoint({ host, rule, userTls }: Cluster): string {
  const would = userTls && rule ? `; ${ruleName(rule)} would send ${inWords(userTls)}` : ''
  return sentence(`nothing is sent, as "${host.host}" has no endpoint${would}`)
}

/** `facts` are clauses behind "it is not known"; of a long sentence people read the beginning, so that what is known comes first. */
export function reasonUnknown(facts: readonly string[], reason: string): string {
  const lists = facts.filter(fact => fact.startsWith(allOf)).map(fact => fact.slice(allOf.length))
  const others = facts.filter(fact => !fact.startsWith(allOf))
  const missing = [...others, ...(lists.length > 0 ? [`${allOf}${lists.join(', ')}`] : [])]
  return `By what is known, ${lower(reason.replace(/\.$/, ''))}; it is not known ${missing.join(', and ')}.`
}

const allOf = 'whether these are all '

function clientSide(told: Told): string {
  const { client, sent, cluster } = told
  switch (sent.by) {
    case 'hbone': {
      const sender = client.proxy === 'ztunnel' ? 'ztunnel' : client.proxy === 'gateway' ? 'the gateway' : 'the sidecar'
      const { rule, userTls } = cluster
      const overruled = client.proxy !== 'ztunnel' && rule && userTls === 'DISABLE' ? `, whatever ${ruleName(rule)} says` : ''
      return `${sender} sends HBONE, which is mTLS${overruled}`
    }
    case 'application':
      return plainClient(client, cluster)
    case 'proxy':
      return proxied(told)
    default:
      return sent satisfies never
  }
}

function plainClient(client: Instance, { port }: Cluster): string {
  const name = `"${nameOf(client)}"`
  if (client.proxy === 'ztunnel') return 'ztunnel knows of no HBONE at the server and sends plaintext'
  return client.proxy === 'sidecar'
    ? `an annotation keeps port ${port.port} from the sidecar of ${name}, so that it sends plaintext`
    : `${name} has no proxy and sends plaintext`
}

function proxied({ cluster, to, taken }: Told): string {
  const { rule, userTls, tls } = cluster
  if (userTls && rule) {
    if (userTls !== tls) return `${ruleName(rule)} names certificates that a sidecar does not get, so that it sends plaintext`
    return `${ruleName(rule)} sends ${inWords(userTls)}`
  }
  if (to.tls === 'ISTIO_MUTUAL') return 'auto mTLS sends mTLS'
  const why = whyPlaintext(cluster, to, taken)
  return why === undefined ? 'auto mTLS sends plaintext' : `auto mTLS sends plaintext, as ${why}`
}

/** Undefined where the other side of the sentence says it. */
function whyPlaintext({ decided, host, rule }: Cluster, { endpoint, discovered }: SentTo, taken: Taken): string | undefined {
  if (!decided || decided.offers) {
    if (discovered && rule) {
      return `its endpoints are found by the "tls" around the port settings of ${ruleName(rule)}, which is ${discovered}`
    }
    const { backend, instance } = endpoint
    if (backend.tlsMode === 'istio') return undefined
    if (!instance || instance.kind === 'WorkloadEntry') return 'no service account is known of the endpoint'
    return `the pod is without the label "${tlsModeLabel}: istio"`
  }
  switch (decided.because) {
    case 'switched-off':
      return 'enableAutoMtls is false'
    case 'external':
      return taken.by === 'outsider' ? undefined : `"${host.host}" is declared to be outside the mesh`
    case 'namespace-disable':
      return `${policyName(decided.policy)} says DISABLE for all of namespace "${host.namespace}"`
    case 'no-endpoint':
      return `"${host.host}" has no endpoint`
    case 'endpoint-without-proxy': {
      const { instance, backend } = decided.endpoint
      const name = instance ? `"${nameOf(instance)}"` : backend.address
      return `clients of "${host.host}" go to addresses as they are, and ${name} has no proxy that they know of`
    }
    default:
      return decided satisfies never
  }
}

function serverName({ endpoint: { instance, backend } }: SentTo): string {
  return instance ? `"${nameOf(instance)}"` : (backend.address ?? 'the endpoint')
}

function serverSide({ taken, policy, to, cluster }: Told): string {
  const { endpoint } = to
  const server = serverName(to)
  switch (taken.by) {
    case 'proxy':
      return `${policyName(policy)} takes ${taking(policy.mode)} on port ${endpoint.port} of ${server}`
    case 'ztunnel':
      return taken.plaintext === 'refused'
        ? `${policyName(policy)} takes only mTLS on port ${endpoint.port} of ${server}`
        : `the ztunnel of ${server} takes HBONE and plaintext on port ${endpoint.port}`
    case 'gateway':
      return `its Gateway says what ${server} takes`
    case 'application':
      if (endpoint.instance?.proxy === 'waypoint') return `${server} is a waypoint, which takes HBONE only`
      return endpoint.instance?.proxy === 'sidecar'
        ? `an annotation keeps port ${endpoint.port} of ${server} from its sidecar`
        : `${server} has no proxy`
    case 'outsider':
      return cluster.host.external ? `"${cluster.host.host}" is outside the mesh` : `${server} is no workload that the mesh knows`
    default:
      return taken satisfies never
  }
}

function taking(mode: Decided['mode']): string {
  switch (mode) {
    case 'STRICT':
      return 'only mTLS'
    case 'PERMISSIVE':
      return 'mTLS and plaintext'
    case 'DISABLE':
      return 'no mTLS'
    default:
      return mode satisfies never
  }
}

function refusal(because: Conflict, told: Told): string {
  switch (because) {
    case 'tls-to-http':
      return `${serverSide(told)}, and nobody else's TLS on a port for HTTP`
    case 'wrong-name':
      return `the certificate of ${serverName(told.to)} has none of the "subjectAltNames" of the rule`
    case 'plaintext-to-strict':
    case 'tls-to-strict':
    case 'mtls-to-disabled':
    case 'mtls-without-proxy':
      return serverSide(told)
    default:
      return because satisfies never
  }
}

const ruleToMtls = 'set the tls mode of the rule to ISTIO_MUTUAL, or remove its "tls"'
const newRule = 'set ISTIO_MUTUAL in a DestinationRule'

function repair(because: Conflict, told: Told): string {
  const { cluster, to, identity } = told
  switch (because) {
    case 'plaintext-to-strict':
      return repairPlaintext(told)
    case 'tls-to-strict':
    case 'tls-to-http':
      return ruleToMtls
    case 'mtls-to-disabled':
      return `${relaxed(told)}, or ${cluster.userTls ? 'remove the "tls" of the rule' : 'say DISABLE for the whole namespace'}`
    case 'mtls-without-proxy':
      return cluster.userTls || to.discovered
        ? 'give the server a proxy, or send it plaintext by a rule of its own'
        : `give the server a proxy, or take the label "${tlsModeLabel}" from it`
    case 'wrong-name':
      return `add "${identity ?? ''}" to them, or remove them`
    default:
      return because satisfies never
  }
}

function relaxed({ policy }: Told): string {
  return `set PERMISSIVE in ${policyName(policy)}`
}

function repairPlaintext(told: Told): string {
  const { client, cluster, sent, to } = told
  if (sent.by === 'application') {
    if (client.proxy === 'none') return `give "${nameOf(client)}" a proxy, or ${relaxed(told)}`
    return client.proxy === 'sidecar' ? `remove the annotation, or ${relaxed(told)}` : `let the sidecar take HBONE, or ${relaxed(told)}`
  }
  const { userTls, tls, decided } = cluster
  if (userTls) return userTls === tls ? ruleToMtls : 'set the tls mode of the rule to ISTIO_MUTUAL'
  if (!decided || decided.offers) {
    return to.discovered ? 'write the "tls" into the port settings too' : `let injection set the label, or ${newRule}`
  }
  switch (decided.because) {
    case 'switched-off':
      return `switch it on, or ${newRule}`
    case 'external':
      return `declare "${cluster.host.host}" MESH_INTERNAL, or ${newRule}`
    case 'namespace-disable':
      return `set PERMISSIVE in ${policyName(decided.policy)}, or ${newRule}`
    case 'no-endpoint':
    case 'endpoint-without-proxy':
      return `give that one a proxy, or ${relaxed(told)}`
    default:
      return decided satisfies never
  }
}

function missing(what: Missing, { to: { endpoint }, cluster, policy }: Told): string {
  switch (what) {
    case 'application-tls':
      return `whether the application on port ${endpoint.port} speaks TLS`
    case 'client-certificate':
      return `whether the CA of the mesh issued "${cluster.clientCertificate?.replace(/^file-cert:|~.*$/g, '') ?? ''}"`
    case 'gateway-server':
      return `which TLS it serves on port ${endpoint.port}`
    case 'outsider-mtls':
      return 'whether it trusts certificates of the mesh'
    case 'plaintext':
      return policy.policy ? 'which PeerAuthentication of its level is older' : 'what its ztunnel is told'
    default:
      return what satisfies never
  }
}

function ruleName({ rules: [first] }: MergedRule): string {
  return `DestinationRule "${nameOf(first)}"`
}

function policyName({ policy }: Decided): string {
  return policy ? `PeerAuthentication "${nameOf(policy)}"` : "Istio's default"
}

function inWords(tls: TlsMode): string {
  switch (tls) {
    case 'ISTIO_MUTUAL':
      return 'mTLS (ISTIO_MUTUAL)'
    case 'MUTUAL':
      return 'TLS with a certificate of its own (MUTUAL)'
    case 'SIMPLE':
      return 'TLS without a client certificate (SIMPLE)'
    case 'DISABLE':
      return 'plaintext (DISABLE)'
    default:
      return tls satisfies never
  }
}

function sentence(text: string): string {
  return `${upper(text)}.`
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Names of kinds keep their capitals. */
function lower(text: string): string {
  return /^(?:DestinationRule|PeerAuthentication)\b/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1)
}
