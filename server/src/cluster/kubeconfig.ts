// Reads and merges kubeconfig files as kubectl does: the first file wins, missing files are skipped, paths are relative to their file.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { ClusterProblem, ContextInfo } from '../protocol.ts'
import { parseKubeconfig } from './kubeconfigFile.ts'
import { withoutUserInfo } from './redact.ts'

export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, Cluster>
  readonly users: ReadonlyMap<string, User>
  readonly contexts: ReadonlyMap<string, Context>
  readonly currentContext?: string
  /** The files it was read from, for sentences. */
  readonly path: string
}

export interface Context {
  readonly name: string
  readonly cluster: string
  readonly user: string
  readonly namespace?: string
}

export interface Cluster {
  readonly name: string
  /** Empty where the entry names none. */
  readonly server: string
  readonly caFile?: string
  /** Base64 of PEM. */
  readonly caData?: string
  readonly tlsServerName?: string
  readonly skipTlsVerify: boolean
  readonly proxyUrl?: string
  readonly disableCompression?: boolean
  /** What the extension `client.authentication.k8s.io/exec` tells a credential program of this cluster. */
  readonly execConfig?: unknown
}

export interface User {
  readonly name: string
  readonly certFile?: string
  readonly certData?: string
  readonly keyFile?: string
  readonly keyData?: string
  readonly token?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly password?: string
  readonly impersonate?: Impersonation
  readonly exec?: ExecPlugin
  /** The legacy plugins (`oidc`, `gcp`, `azure`) of the client library. */
  readonly authProvider?: { readonly name: string; readonly config: Readonly<Record<string, string>> }
}

export interface Impersonation {
  readonly user?: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** A program that prints credentials. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins */
export interface ExecPlugin {
  /** The kubeconfig that names it. */
  readonly file: string
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly provideClusterInfo: boolean
  readonly interactiveMode: string
  /** What to do where the program is missing. */
  readonly installHint?: string
}

/** One context with everything that is needed to use it. */
export interface Target {
  readonly context: Context
  readonly cluster: Cluster
  readonly user: User
}

export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: ClusterProblem }

/** Where kubectl would look: the file named explicitly, else `KUBECONFIG`, else `~/.kube/config`. client-go, tools/clientcmd/loader.go. */
export function kubeconfigFiles(explicit: string | undefined, env: NodeJS.ProcessEnv = process.env): readonly string[] {
  if (explicit) return [explicit.replace(/^~(?=$|[\\/])/, homedir())]
  if (env.KUBECONFIG) return [...new Set(env.KUBECONFIG.split(delimiter).filter(file => file !== ''))]
  return [join(env.HOME ?? homedir(), '.kube', 'config')]
}

/** Reads the files and merges them. A file that exists and cannot be read or parsed is a problem, as it is for kubectl. */
export async function readKubeconfig(files: readonly string[]): Promise<Found<Kubeconfig>> {
  const parts: Kubeconfig[] = []
  for (const file of files) {
    const text = await readIfThere(file)
    if (!text.ok) return text
    if (text.value === undefined) continue
    const part = parseKubeconfig(text.value, file)
    if (!part.ok) return part
    parts.push(part.value)
  }
  if (parts.length === 0) return { ok: false, problem: { kind: 'no-kubeconfig', path: files.join(delimiter) } }
  return { ok: true, value: parts.reduce(merge) }
}

async function readIfThere(file: string): Promise<Found<string | undefined>> {
  try {
    return { ok: true, value: await readFile(file, 'utf8') }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return { ok: true, value: undefined }
    const detail = code === 'EACCES' ? 'it may not be read' : code === 'EISDIR' ? 'it is a folder' : code
    return { ok: false, problem: { kind: 'bad-kubeconfig', path: file, detail } }
  }
}

/** The first file that names a cluster, user, context or the current context wins; of an entry nothing is taken from a later file. */
function merge(earlier: Kubeconfig, later: Kubeconfig): Kubeconfig {
  const currentContext = earlier.currentContext ?? later.currentContext
  return {
    clusters: new Map([...earlier.clusters, ...without(later.clusters, earlier.clusters)]),
    users: new Map([...earlier.users, ...without(later.users, earlier.users)]),
    contexts: new Map([...earlier.contexts, ...without(later.contexts, earlier.contexts)]),
    ...(currentContext === undefined ? {} : { currentContext }),
    path: `${earlier.path}${delimiter}${later.path}`,
  }
}

function without<T>(entries: ReadonlyMap<string, T>, known: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...entries].filter(([name]) => !known.has(name))
}

/** The context to use, with its cluster and user; `undefined`: the current one. */
export function targetOf(config: Kubeconfig, wanted: string | undefined): Found<Target> {
  const name = wanted ?? config.currentContext ?? ''
  const context = config.contexts.get(name)
  if (!context) return { ok: false, problem: { kind: 'no-context', context: name, known: [...config.contexts.keys()] } }
  const bad = (detail: string): Found<never> => ({ ok: false, problem: { kind: 'bad-kubeconfig', path: config.path, detail } })
  const cluster = config.clusters.get(context.cluster)
  if (!cluster) return bad(`context "${name}" names the cluster "${context.cluster}", which is not in it`)
  // A user that is not there signs in as nobody, as with kubectl.
  const user = config.users.get(context.user) ?? { name: context.user }
  const detail = clusterProblem(cluster) ?? userProblem(user)
  return detail === undefined ? { ok: true, value: { context, cluster, user } } : bad(detail)
}

/** client-go, tools/clientcmd/validation.go and transport.TLSConfigFor. */
function clusterProblem({ name, server, caFile, caData, skipTlsVerify, proxyUrl }: Cluster): string | undefined {
  const of = `the cluster "${name}"`
  if (server === '') return `${of} names no server`
  if (!URL.canParse(server) || !/^https?:/i.test(server)) return `the server of cluster "${name}" is not an http(s) address`
  if (caFile && caData) return `${of} has certificate-authority and certificate-authority-data; keep one of them`
  if (skipTlsVerify && (caFile || caData)) return `${of} has insecure-skip-tls-verify and a certificate authority; keep one of them`
  if (proxyUrl && !(URL.canParse(proxyUrl) && /^(https?|socks5):/i.test(proxyUrl)))
    return `the proxy-url of cluster "${name}" is no http, https or socks5 address`
  return undefined
}

function userProblem(user: User): string | undefined {
  const of = `the user "${user.name}"`
  const { exec, impersonate } = user
  if (user.token && (user.username || user.password)) return `${of} has a token and a password; keep one of them`
  if (user.certFile || user.certData) {
    if (user.certFile && user.certData) return `${of} has client-certificate and client-certificate-data; keep one of them`
    if (user.keyFile && user.keyData) return `${of} has client-key and client-key-data; keep one of them`
    if (!user.keyFile && !user.keyData) return `${of} has a client certificate without its key`
  }
  if (exec) {
    if (user.authProvider) return `${of} has a credential program and an auth-provider; keep one of them`
    if (exec.command === '') return `the credential program of user "${user.name}" names no command`
    if (exec.apiVersion === '') return `the credential program of user "${user.name}" names no apiVersion`
    if ('' in exec.env) return `the credential program of user "${user.name}" has an environment variable without a name`
    if (!['Never', 'IfAvailable', 'Always'].includes(exec.interactiveMode))
      return `the credential program of user "${user.name}" needs interactiveMode: Never, IfAvailable or Always`
  }
  if (impersonate && impersonate.user === undefined) return `${of} has as-uid, as-groups or as-user-extra without "as"`
  return undefined
}

/** Every context, as a list to choose from, in the order of the file. */
export function contextsOf(config: Kubeconfig): readonly ContextInfo[] {
  return [...config.contexts.values()].map(({ name, cluster, user }) => ({
    name,
    cluster,
    server: withoutUserInfo(config.clusters.get(cluster)?.server ?? ''),
    user,
    current: name === config.currentContext,
  }))
}

/** What must never be shown of a user: tokens, keys, passwords, and what is handed to a credential program. */
export function secretsOf({ user, cluster }: Target): readonly string[] {
  const all = [
    user.token,
    user.password,
    user.keyData,
    user.certData,
    passwordIn(cluster.server),
    passwordIn(cluster.proxyUrl),
    ...Object.values(user.exec?.env ?? {}),
    ...Object.values(user.authProvider?.config ?? {}),
  ]
  return all.flatMap(secret => secret || [])
}

function passwordIn(url: string | undefined): string {
  return url && URL.canParse(url) ? new URL(url).password : ''
}
