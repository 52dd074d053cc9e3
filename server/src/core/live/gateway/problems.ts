// What is wrong at a gateway, and what to do: its secrets, servers, backends and listeners against each other.
import { harmless } from '../../certificate/harmless.ts'
import { leafOf } from '../../certificate/path.ts'
import type { CertificateEntry, CertificateReport } from '../../certificate/report.ts'
import type { RouteConfig } from '../../proxy/envoy/routes.ts'
import { uncovered } from './covers.ts'
import type { GatewayBackend, GatewayListener, GatewayProblem, GatewayServer, Meant, MeantBackend, MeantServer } from './gatewayReport.ts'
import { refusedSecrets } from './log.ts'

export interface GatewayParts {
  readonly certificates: CertificateReport
  readonly servers: readonly GatewayServer[]
  readonly backends: readonly GatewayBackend[]
  readonly listeners: readonly GatewayListener[]
  readonly routes: readonly RouteConfig[]
  /** Names of all its clusters; undefined where the dump does not tell them. */
  readonly clusters?: ReadonlySet<string>
  readonly meant: Meant | null
  /** Lines of its log about certificates. */
  readonly log: readonly string[]
  /** Routes of a sidecar lead to the whole mesh, so that a backend nobody calls is no defect of it. */
  readonly isSidecar: boolean
}

const rank = { error: 0, warning: 1, info: 2 }

/** The gravest first. */
export function gatewayProblems(parts: GatewayParts): readonly GatewayProblem[] {
  const found = [
    ...parts.listeners.flatMap(refusedListener),
    ...parts.servers.flatMap(server => [...serverProblems(server, parts)]),
    ...ofCertificates(parts),
    ...notStarted(parts),
    ...refusedSecrets(parts.log).map(refusedSecret),
    ...parts.backends.flatMap(backend => [...backendProblems(backend, parts)]),
    ...lostRoutes(parts),
    ...(parts.meant ? [...parts.meant.servers.flatMap(notAsMeant), ...parts.meant.backends.flatMap(each => otherTls(each, parts))] : []),
  ]
  const distinct = [...new Map(found.map(problem => [JSON.stringify(problem), problem])).values()]
  return distinct.toSorted((a, b) => rank[a.severity] - rank[b.severity])
}

/** A secret that is awaited is told with what waits for it. */
function ofCertificates({ certificates, servers, backends }: GatewayParts): readonly GatewayProblem[] {
  const used = new Set([
    ...servers.flatMap(each => [...each.credentials, each.roots]),
    ...backends.flatMap(each => (each.used ? each.certificates : [])),
  ])
  const isTold = (name: string) => used.has(name) && isWaiting(certificates.entries.find(entry => entry.name === name))
  return certificates.problems
    .filter(({ entry }) => !isTold(entry))
    .map(({ entry, id, severity, message }) => ({ id, severity, about: entry, message }))
}

/** One secret from a file that does not come holds up all listeners. Recorded: test/data/proxy, ingress-gateway-stuck-on-file-secrets. */
function notStarted({ certificates, listeners }: GatewayParts): readonly GatewayProblem[] {
  const waits = certificates.entries.filter(({ state }) => state === 'warming').map(({ name }) => name)
  const serves = listeners.some(({ state, at }) => state !== 'static' || !/:150\d\d$/.test(at))
  if (waits.length === 0 || serves) return []
  return [
    {
      id: 'gateway-not-started',
      severity: 'error',
      about: waits[0] ?? '',
      message: `The gateway has no server: it is not ready before it has ${waits.map(name => `"${harmless(name)}"`).join(' and ')}. Files must exist in its container; a Secret must exist in its namespace.`,
    },
  ]
}

function refusedListener({ name, refused }: GatewayListener): readonly GatewayProblem[] {
  if (refused === null) return []
  return [
    {
      id: 'listener-refused',
      severity: 'error',
      about: name,
      message: `Envoy refused the newest configuration of this listener, so an older one is in force: ${harmless(refused)}. Repair the object that it was made of.`,
    },
  ]
}

/**
 * Envoy refuses a secret as a whole: what it held before stays in force, or connections are closed. The log does not name it, and the dump
 * shows what was refused as active. Recorded: test/data/proxy/refused-secrets.json.
 */
function refusedSecret({ reason, at }: ReturnType<typeof refusedSecrets>[number]): GatewayProblem {
  const mismatch = reason.includes('KEY_VALUES_MISMATCH')
  const what = mismatch ? 'its private key does not belong to its certificate' : harmless(reason)
  const now = mismatch ? 'Put the key and the certificate of one issuance into the Secret' : 'Correct the Secret'
  return {
    id: mismatch ? 'key-mismatch' : 'secret-refused',
    severity: 'error',
    about: 'log',
    message: `${at === null ? 'Envoy' : `At ${at} Envoy`} refused a secret: ${what}. Servers with it keep the former one, or close every connection, though the configuration shows the refused one. ${now}; if it was replaced since, this is past.`,
  }
}

function notAsMeant({ object, port, hosts, tls, state, detail }: MeantServer): readonly GatewayProblem[] {
  if (state !== 'missing' && state !== 'different') return []
  const server = `The server ${port}${hosts.length > 0 ? ` for ${hosts.map(host => `"${harmless(host)}"`).join(', ')}` : ''}`
  const what = state === 'missing' ? `is meant and not there` : `is there otherwise than meant`
  return [
    {
      id: state === 'missing' ? 'server-missing' : 'server-different',
      severity: state === 'missing' ? 'error' : 'warning',
      about: object,
      message: `${server} (${tls === 'none' ? 'plaintext' : tls}) ${what}: ${harmless(detail ?? '')}. See the Gateway and its status, and the log of istiod.`,
    },
  ]
}

function otherTls({ cluster, meant, state, destinationRule }: MeantBackend, { backends }: GatewayParts): readonly GatewayProblem[] {
  const has = backends.find(each => each.cluster === cluster)
  if (state === 'same' || !has) return []
  const by = destinationRule === null ? '' : ` by DestinationRule "${harmless(destinationRule)}"`
  return [
    {
      id: 'backend-tls-different',
      severity: 'warning',
      about: cluster,
      message: `Configuration means ${tlsWords[meant]}${by}, and the proxy has ${tlsWords[has.tls]}: it has not received this, or an EnvoyFilter changes it.`,
    },
  ]
}

const tlsWords: Readonly<Record<GatewayBackend['tls'], string>> = {
  auto: 'auto mTLS',
  DISABLE: 'plaintext',
  SIMPLE: 'TLS (SIMPLE)',
  MUTUAL: 'mTLS with a certificate of its own (MUTUAL)',
  ISTIO_MUTUAL: "mTLS with the mesh's certificate (ISTIO_MUTUAL)",
}

function* serverProblems(server: GatewayServer, { certificates }: GatewayParts): Generator<GatewayProblem> {
  const about = serverName(server)
  for (const name of server.credentials) {
    const entry = certificates.entries.find(each => each.name === name)
    if (isWaiting(entry)) yield waiting(name, about, 'this server completes no handshake')
    const leaf = entry && leafOf(entry)
    if (!leaf || leaf.partial || server.tls === 'ISTIO_MUTUAL') continue
    const hosts = uncovered(server.hosts, leaf)
    if (hosts.length > 0) {
      const names = leaf.san.map(({ value }) => harmless(value)).join(', ')
      yield {
        id: 'host-not-covered',
        severity: 'error',
        about,
        message: `The certificate of "${harmless(name)}" is not for ${hosts.map(host => `"${harmless(host)}"`).join(', ')}; ${names ? `it names ${names}` : 'it has no names (SAN)'}. Clients refuse it. Issue it with these names, or correct the hosts.`,
      }
    }
  }
  const roots = server.roots === null ? undefined : certificates.entries.find(({ name }) => name === server.roots)
  if (server.roots !== null && isWaiting(roots)) yield waiting(server.roots, about, 'no client certificate can be verified')
}

/** One that is not listed at all may be left out of the dump. */
function isWaiting(entry: CertificateEntry | undefined): boolean {
  return entry !== undefined && entry.chain.length === 0 && entry.file === undefined
}

function waiting(name: string, about: string, follows: string): GatewayProblem {
  const credential = /^kubernetes(?:-gateway)?:\/\/(?:[^/]+\/)?(.+?)(-cacert)?$/.exec(name)
  const what = credential
    ? `the Secret "${harmless(credential[1] ?? '')}" in the gateway's namespace${credential[2] ? ' needs the key "ca.crt", or a Secret of this name with "-cacert" behind it' : ' exists and has the keys "tls.crt" and "tls.key"'}`
    : 'the file exists in the pod, or istiod answers'
  return {
    id: 'secret-waiting',
    severity: 'error',
    about,
    message: `The proxy still waits for the secret "${harmless(name)}", so ${follows}. See whether ${what}.`,
  }
}

function* backendProblems(backend: GatewayBackend, { certificates, isSidecar }: GatewayParts): Generator<GatewayProblem> {
  const { cluster: about, used, endpoints, tls, roots, state, refused } = backend
  if (refused !== null)
    yield {
      id: 'cluster-refused',
      severity: 'error',
      about,
      message: `Envoy refused the newest configuration of this cluster, so an older one or none is in force: ${harmless(refused)}. Repair the DestinationRule or Service that it was made of.`,
    }
  if (!used) return
  if (state === 'warming')
    yield {
      id: 'backend-warming',
      severity: 'warning',
      about,
      message: 'This cluster still waits for what it needs (endpoints or a secret), so its requests fail. See the secrets and the log.',
    }
  if (endpoints && endpoints.length === 0 && !isSidecar)
    yield {
      id: 'backend-without-endpoints',
      severity: 'error',
      about,
      message:
        'This backend has no endpoints, so its requests are answered with 503. See the selector of its Service and whether its pods are ready.',
    }
  const ill = endpoints?.filter(({ health }) => health !== 'HEALTHY' && health !== 'UNKNOWN' && health !== 'DEGRADED') ?? []
  if (endpoints && ill.length > 0 && ill.length === endpoints.length)
    yield {
      id: 'backend-unhealthy',
      severity: 'error',
      about,
      message: `None of its ${ill.length} endpoints is healthy (${[...new Set(ill.map(({ health }) => health))].join(', ')}), so its requests fail.`,
    }
  if ((tls === 'SIMPLE' || tls === 'MUTUAL') && roots === null)
    yield {
      id: 'backend-not-verified',
      severity: 'warning',
      about,
      message:
        'TLS is sent without verifying the server, so anyone on the way can pose as it. Set caCertificates and subjectAltNames in the DestinationRule.',
    }
  for (const name of [...backend.certificates, ...(roots === null ? [] : [roots])]) {
    const entry = certificates.entries.find(each => each.name === name)
    if (isWaiting(entry)) yield waiting(name, about, 'nothing can be sent to this backend')
  }
}

function lostRoutes({ routes, clusters }: GatewayParts): readonly GatewayProblem[] {
  if (!clusters) return []
  return routes.flatMap(({ name, hosts }) =>
    hosts.flatMap(host =>
      host.routes.flatMap(route =>
        route.clusters
          .filter(each => !clusters.has(each.name))
          .map(each => ({
            id: 'route-without-cluster',
            severity: 'error' as const,
            about: name,
            message: `The route ${harmless(route.match)} of ${host.domains.slice(0, 3).map(harmless).join(', ')} leads to "${harmless(each.name)}", which is no cluster of this proxy, so its requests are answered with 503. See whether the host and subset exist.`,
          })),
      ),
    ),
  )
}

/** `0.0.0.0:8443 (shop.example.com)`. */
export function serverName({ at, hosts }: GatewayServer): string {
  return hosts.length === 0 ? at : `${at} (${hosts.join(', ')})`
}
