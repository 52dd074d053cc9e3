// The right to ask one API server: address, TLS, proxy and credentials, renewed when they expire.
// The client library applies them (TLS, proxies, OIDC and the other legacy plugins); programs are run here, since it runs them without bounds.
import { Agent as HttpAgent, type OutgoingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import { isDeepStrictEqual } from 'node:util'
import { KubeConfig, type User as LibraryUser } from '@kubernetes/client-node'
import type { Clock } from './clock.ts'
import { type ExecCredential, runExecPlugin } from './execCredential.ts'
import { type Cluster, secretsOf, type Target } from './kubeconfig.ts'
import { type Redact, redactorOf } from './redact.ts'

/** What one request carries. */
export interface Credentials {
  readonly headers: OutgoingHttpHeaders
  readonly agent: HttpAgent
}

export type CredentialsAnswer = { readonly ok: true; readonly value: Credentials } | { readonly ok: false; readonly detail: string }

export interface Access {
  /** The API server's address without a slash at its end. */
  readonly server: string
  readonly redact: Redact
  /** Concurrent callers share one attempt. Never rejects. */
  credentials(): Promise<CredentialsAnswer>
  /** The API server refused these: the next call gets new ones. Refusals of older credentials change nothing. */
  renew(refused: Credentials): void
  dispose(): void
}

export interface AccessOptions {
  readonly target: Target
  readonly clock: Clock
  /** For a credential program. */
  readonly deadlineMs?: number
  /** Reads the kubeconfig again, since another tool may have written new credentials into it. */
  readonly reload: () => Promise<Target | undefined>
}

// Certificate and token files may be replaced at any time; the Kubernetes libraries read them anew each minute.
const keptFor = 60_000
const programDeadlineMs = 30_000

export function createAccess({ target, clock, deadlineMs = programDeadlineMs, reload }: AccessOptions): Access {
  const closing = new AbortController()
  const secrets = new Set(secretsOf(target))
  const redact: Redact = text => redactorOf(secrets)(text)
  let now = target
  let outdated = false
  let printed: ExecCredential | undefined
  let kept: { readonly credentials: Credentials; readonly until: number } | undefined
  let material: unknown
  let agent: HttpAgent | undefined
  let pending: Promise<CredentialsAnswer> | undefined

  async function obtain(): Promise<CredentialsAnswer> {
    if (outdated) {
      now = (await reload()) ?? now
      for (const secret of secretsOf(now)) secrets.add(secret)
      outdated = false
    }
    const { exec } = now.user
    if (exec && (!printed || (printed.expires !== undefined && printed.expires <= clock.now()))) {
      const answer = await runExecPlugin(exec, now.cluster, redact, deadlineMs, closing.signal)
      if (!answer.ok) return answer
      printed = answer.value
      for (const secret of [printed.token, printed.key]) if (secret) secrets.add(secret)
    }
    try {
      const credentials = await apply(now, printed)
      kept = { credentials, until: Math.min(clock.now() + keptFor, printed?.expires ?? Number.POSITIVE_INFINITY) }
      return { ok: true, value: credentials }
    } catch (error) {
      // A certificate file that is missing, an OIDC provider that refuses: the library throws.
      return { ok: false, detail: redact(error instanceof Error ? error.message : String(error)) }
    }
  }

  async function apply(from: Target, credential: ExecCredential | undefined): Promise<Credentials> {
    const library = new KubeConfig()
    const plain = from.cluster.server.startsWith('http:')
    library.loadFromOptions({
      // The library refuses plain http unless verification is switched off; there is nothing to verify.
      clusters: [{ ...from.cluster, skipTLSVerify: from.cluster.skipTlsVerify || plain }],
      users: [libraryUser(from, credential)],
      contexts: [{ name: 'context', cluster: from.cluster.name, user: from.user.name }],
      currentContext: 'context',
    })
    const options: RequestOptions = {}
    await library.applyToHTTPSOptions(options)
    const { ca, cert, key, servername, rejectUnauthorized } = options
    const wanted = { ca, cert, key, servername, rejectUnauthorized, proxy: from.cluster.proxyUrl }
    if (!agent || !isDeepStrictEqual(wanted, material)) {
      // Watches over the old agent break and resume over the new one.
      agent?.destroy()
      material = wanted
      agent = agentFor(from.cluster, options)
    }
    if (!mayCarryCredentials(from.cluster.server)) return { headers: {}, agent }
    const basic = options.auth ? { Authorization: `Basic ${base64(options.auth)}` } : {}
    return { headers: { ...(options.headers as OutgoingHttpHeaders), ...basic, ...impersonation(from) }, agent }
  }

  return {
    server: target.cluster.server,
    redact,
    async credentials() {
      if (kept && kept.until > clock.now()) return { ok: true, value: kept.credentials }
      pending ??= obtain().finally(() => {
        pending = undefined
      })
      return pending
    },
    renew(refused) {
      if (kept?.credentials !== refused) return
      kept = undefined
      printed = undefined
      outdated = true
    },
    dispose() {
      closing.abort()
      agent?.destroy()
    },
  }
}

/** The library's agent where a proxy stands between; else one of our own that keeps connections, which the library's does not. */
function agentFor({ server, proxyUrl }: Cluster, { agent, ca, cert, key, servername, rejectUnauthorized }: RequestOptions): HttpAgent {
  if (proxyUrl) return agent as HttpAgent
  if (server.startsWith('http:')) return new HttpAgent({ keepAlive: true })
  return new HttpsAgent({
    ca,
    cert,
    key,
    keepAlive: true,
    ...(servername ? { servername } : {}),
    ...(rejectUnauthorized === false ? { rejectUnauthorized } : {}),
  })
}

function libraryUser({ user }: Target, credential: ExecCredential | undefined): LibraryUser {
  const { exec: _, tokenFile, impersonate: __, authProvider, token, ...rest } = user
  if (credential) {
    return {
      ...rest,
      ...(credential.token ? { token: credential.token } : {}),
      ...(credential.certificate && credential.key ? { certData: base64(credential.certificate), keyData: base64(credential.key) } : {}),
    }
  }
  // A token file wins over a token, as in kubectl.
  if (tokenFile) return { ...rest, authProvider: { name: 'tokenFile', config: { tokenFile } } }
  // The library keeps refreshed OIDC tokens in the object it is given, so it gets a copy.
  return { ...rest, ...(token ? { token } : {}), ...(authProvider ? { authProvider: structuredClone(authProvider) } : {}) }
}

function impersonation({ user }: Target): OutgoingHttpHeaders {
  const { impersonate } = user
  if (!impersonate) return {}
  return {
    ...(impersonate.user ? { 'Impersonate-User': impersonate.user } : {}),
    ...(impersonate.groups.length > 0 ? { 'Impersonate-Group': [...impersonate.groups] } : {}),
  }
}

/** kubectl sends no credentials without TLS; on this machine itself nobody can listen in. */
function mayCarryCredentials(server: string): boolean {
  const { protocol, hostname } = new URL(server)
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
