// The right to ask one API server: address, TLS, proxy and credentials, renewed when they expire.
// The client library applies them (TLS, proxies, OIDC and the other legacy plugins); programs are run here, since it runs them without bounds.
import { readFile } from 'node:fs/promises'
import { Agent as HttpAgent, type OutgoingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import { isDeepStrictEqual } from 'node:util'
import { KubeConfig, type User as LibraryUser } from '@kubernetes/client-node'
import type { ConnectingStep, CredentialProgram } from '../protocol.ts'
import type { Clock } from './clock.ts'
import { type ExecCredential, runExecPlugin } from './execCredential.ts'
import { impersonationHeaders } from './impersonation.ts'
import { type Cluster, type ExecPlugin, secretsOf, type Target } from './kubeconfig.ts'
import { proxyOf } from './proxyEnvironment.ts'
import { type Redact, redactorOf } from './redact.ts'

/** What one request carries. */
export interface Credentials {
  readonly headers: OutgoingHttpHeaders
  readonly agent: HttpAgent
}

export type CredentialsAnswer =
  | { readonly ok: true; readonly value: Credentials }
  /** `refusedProgram`: somebody did not let this program run. */
  | { readonly ok: false; readonly detail: string; readonly refusedProgram?: string }

export interface Access {
  /** The API server's address without a slash at its end. */
  readonly server: string
  readonly redact: Redact
  /** False where the kubeconfig wants answers as they are. */
  readonly compression: boolean
  /** Concurrent callers share one attempt. Never rejects. */
  credentials(): Promise<CredentialsAnswer>
  /** The API server refused these: the next call gets new ones. Refusals of older credentials change nothing. */
  renew(refused: Credentials): void
  /** Somebody asks to try again: what failed a moment ago may be repaired. */
  retry(): void
  dispose(): void
}

export interface AccessOptions {
  readonly target: Target
  readonly clock: Clock
  /** For a credential program. */
  readonly deadlineMs?: number
  /** Reads the kubeconfig again, since another tool may have written new credentials into it. */
  readonly reload: () => Promise<Target | undefined>
  /** Asked before each run of the credential program; absent: it may be run. */
  readonly allowProgram?: (program: CredentialProgram) => Promise<boolean>
  /** What the credentials wait for; undefined: nothing any more. */
  readonly onStep?: (step: ConnectingStep | undefined) => void
}

// Certificate and token files may be replaced at any time; the Kubernetes libraries read them anew each minute.
const keptFor = 60_000
/** A program that failed is not run again for each of the requests that wait for it. */
const failureKeptFor = 5_000
/** Browsers open, second factors are looked for. */
const programDeadlineMs = 60_000
/** A request that starts now should still be accepted when it arrives, also where clocks differ a little. */
const renewedAhead = 30_000

export function createAccess(options: AccessOptions): Access {
  const { target, clock, deadlineMs = programDeadlineMs, reload, allowProgram, onStep = () => {} } = options
  const closing = new AbortController()
  const secrets = new Set(secretsOf(target))
  const redact: Redact = text => redactorOf(secrets)(text)
  let now = target
  let outdated = false
  let printed: ExecCredential | undefined
  let printedUntil = 0
  let kept: { readonly credentials: Credentials; readonly until: number } | undefined
  let failed: { readonly answer: CredentialsAnswer; readonly until: number } | undefined
  let material: unknown
  let agent: HttpAgent | undefined
  let pending: Promise<CredentialsAnswer> | undefined

  async function obtain(): Promise<CredentialsAnswer> {
    if (outdated) {
      now = (await reload()) ?? now
      for (const secret of secretsOf(now)) secrets.add(secret)
      outdated = false
    }
    const exec = programOf(now)
    if (exec && (!printed || printedUntil <= clock.now())) {
      const answer = await runProgram(exec)
      if (!answer.ok) return answer
      printed = answer.value
      printedUntil = goodUntil(printed, clock.now())
      for (const secret of [printed.token, printed.key]) if (secret) secrets.add(secret)
    }
    try {
      const credentials = await apply(now, printed)
      kept = { credentials, until: Math.min(clock.now() + keptFor, exec ? printedUntil : Number.POSITIVE_INFINITY) }
      return { ok: true, value: credentials }
    } catch (error) {
      // A certificate file that is missing, an OIDC provider that refuses: the library throws.
      return { ok: false, detail: redact(error instanceof Error ? error.message : String(error)) }
    }
  }

  async function runProgram(exec: ExecPlugin) {
    if (allowProgram) {
      onStep('asking')
      const isAllowed = await allowProgram(describeProgram(now.context.name, exec))
      onStep(undefined)
      if (closing.signal.aborted) return { ok: false, detail: 'cancelled' } as const
      if (!isAllowed) return { ok: false, detail: `"${exec.command}" was not allowed to run`, refusedProgram: exec.command } as const
    }
    onStep('signing-in')
    const answer = await runExecPlugin(exec, now.cluster, redact, deadlineMs, closing.signal)
    onStep(undefined)
    return answer
  }

  async function apply(from: Target, credential: ExecCredential | undefined): Promise<Credentials> {
    const library = new KubeConfig()
    const plain = from.cluster.server.startsWith('http:')
    const proxyUrl = proxyFor(from.cluster)
    library.loadFromOptions({
      // The library refuses plain http unless verification is switched off; there is nothing to verify.
      clusters: [{ ...from.cluster, skipTLSVerify: from.cluster.skipTlsVerify || plain, ...(proxyUrl ? { proxyUrl } : {}) }],
      users: [await libraryUser(from, credential)],
      contexts: [{ name: 'context', cluster: from.cluster.name, user: from.user.name }],
      currentContext: 'context',
    })
    const options: RequestOptions = {}
    await library.applyToHTTPSOptions(options)
    const { ca, cert, key, servername, rejectUnauthorized } = options
    const wanted = { ca, cert, key, servername, rejectUnauthorized, proxyUrl }
    if (!agent || !isDeepStrictEqual(wanted, material)) {
      // Watches over the old agent break and resume over the new one.
      agent?.destroy()
      material = wanted
      agent = agentFor(from.cluster, proxyUrl, options)
    }
    if (!mayCarryCredentials(from.cluster.server)) return { headers: {}, agent }
    const basic = options.auth ? { Authorization: `Basic ${base64(options.auth)}` } : {}
    return { headers: { ...(options.headers as OutgoingHttpHeaders), ...basic, ...impersonationHeaders(from.user.impersonate) }, agent }
  }

  return {
    server: target.cluster.server,
    redact,
    compression: target.cluster.disableCompression !== true,
    async credentials() {
      if (kept && kept.until > clock.now()) return { ok: true, value: kept.credentials }
      if (failed && failed.until > clock.now()) return failed.answer
      pending ??= obtain()
        .then(answer => {
          failed = answer.ok ? undefined : { answer, until: clock.now() + failureKeptFor }
          return answer
        })
        .finally(() => {
          pending = undefined
        })
      return pending
    },
    renew(refused) {
      if (kept?.credentials !== refused) return
      kept = undefined
      printed = undefined
      failed = undefined
      outdated = true
    },
    retry() {
      failed = undefined
    },
    dispose() {
      closing.abort()
      agent?.destroy()
    },
  }
}

/** The library's agent where a proxy stands between; else one of our own that keeps connections, which the library's does not. */
function agentFor(
  { server }: Cluster,
  proxyUrl: string | undefined,
  { agent, ca, cert, key, servername, rejectUnauthorized }: RequestOptions,
): HttpAgent {
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

/** As the client library takes it, which applies what is left. */
async function libraryUser({ user }: Target, credential: ExecCredential | undefined): Promise<LibraryUser> {
  const { exec: _, tokenFile, impersonate: __, authProvider, token: written, ...rest } = user
  const token = (tokenFile && (await readToken(tokenFile, written))) || written
  // What is written there comes before what a plugin would say.
  if (token || user.username || user.password) return { ...rest, ...(token ? { token } : {}) }
  if (credential) {
    return {
      ...rest,
      ...(credential.token ? { token: credential.token } : {}),
      ...(credential.certificate && credential.key ? { certData: base64(credential.certificate), keyData: base64(credential.key) } : {}),
    }
  }
  // The library keeps refreshed OIDC tokens in the object it is given, so it gets a copy.
  return { ...rest, ...(authProvider ? { authProvider: structuredClone(authProvider) } : {}) }
}

/** The file wins over the token beside it, which serves where the file cannot be read. client-go, transport/token_source.go. */
async function readToken(file: string, otherwise: string | undefined): Promise<string> {
  try {
    const token = (await readFile(file, 'utf8')).trim()
    if (token !== '') return token
  } catch (error) {
    if (otherwise === undefined) throw error
  }
  if (otherwise === undefined) throw new Error(`the token file "${file}" is empty`)
  return otherwise
}

/** client-go asks a plugin only where the kubeconfig itself says no credentials for the header. */
function programOf({ user }: Target): ExecPlugin | undefined {
  return user.token || user.tokenFile || user.username || user.password ? undefined : user.exec
}

function describeProgram(context: string, { file, command, args, env }: ExecPlugin): CredentialProgram {
  return { context, kubeconfig: file, command, args, env: Object.keys(env).sort() }
}

/** Ahead of the end. What ends at once, or long ago where the clocks disagree, is tried for a moment: the server alone knows. */
function goodUntil({ expires }: ExecCredential, now: number): number {
  if (expires === undefined) return Number.POSITIVE_INFINITY
  return expires - now > 2 * renewedAhead ? expires - renewedAhead : now + keptFor
}

/** The kubeconfig's, else the environment's. Go lets a SOCKS5 proxy look names up, which the library writes `socks5h`. */
function proxyFor({ server, proxyUrl }: Cluster): string | undefined {
  return (proxyUrl ?? proxyOf(server, process.env))?.replace(/^socks5:/i, 'socks5h:')
}

/** kubectl sends no credentials without TLS; on this machine itself nobody can listen in. */
function mayCarryCredentials(server: string): boolean {
  const { protocol, hostname } = new URL(server)
  return protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
