// Reads and merges kubeconfig files as kubectl does: the first file wins, missing files are skipped, paths are relative to their file.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { parseYaml } from '../core/yaml/parse.ts'
import { at, get, itemsAt, type Node } from '../core/yaml/tree.ts'
import type { ClusterProblem, ContextInfo } from '../protocol.ts'
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
  readonly server: string
  readonly caFile?: string
  /** Base64 of PEM. */
  readonly caData?: string
  readonly tlsServerName?: string
  readonly skipTlsVerify: boolean
  readonly proxyUrl?: string
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
  readonly impersonate?: { readonly user?: string; readonly groups: readonly string[] }
  readonly exec?: ExecPlugin
  /** The legacy plugins (`oidc`, `gcp`, `azure`) of the client library. */
  readonly authProvider?: { readonly name: string; readonly config: Readonly<Record<string, string>> }
}

/** A program that prints credentials. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins */
export interface ExecPlugin {
  readonly apiVersion: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly provideClusterInfo: boolean
  readonly interactiveMode: string
}

/** One context with everything that is needed to use it. */
export interface Target {
  readonly context: Context
  readonly cluster: Cluster
  readonly user: User
}

export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: ClusterProblem }

/** Where kubectl would look: the file named explicitly, else `KUBECONFIG`, else `~/.kube/config`. */
export function kubeconfigFiles(explicit: string | undefined, env: NodeJS.ProcessEnv = process.env): readonly string[] {
  if (explicit) return [explicit.replace(/^~(?=$|[\\/])/, homedir())]
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter(file => file !== '')
  return listed.length > 0 ? [...new Set(listed)] : [join(env.HOME ?? homedir(), '.kube', 'config')]
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

/** The first file that names a cluster, user, context or the current context wins. */
function merge(earlier: Kubeconfig, later: Kubeconfig): Kubeconfig {
  const currentContext = earlier.currentContext ?? later.currentContext
  return {
    clusters: new Map([...later.clusters, ...earlier.clusters]),
    users: new Map([...later.users, ...earlier.users]),
    contexts: new Map([...later.contexts, ...earlier.contexts]),
    ...(currentContext === undefined ? {} : { currentContext }),
    path: `${earlier.path}${delimiter}${later.path}`,
  }
}

/** Reads one file. Entries without what they need are left out: they matter only to the context that uses them. */
export function parseKubeconfig(text: string, file: string): Found<Kubeconfig> {
  const bad = (detail: string): Found<never> => ({ ok: false, problem: { kind: 'bad-kubeconfig', path: file, detail } })
  const [document] = parseYaml(text)
  const [problem] = document?.problems ?? []
  if (problem) {
    const line = text.slice(0, problem.span.start).split('\n').length
    // Some of the parser's reasons end in a piece of the file, which may be a token.
    return bad(`line ${line}: ${problem.detail.split(/: "|\n/)[0]}`)
  }
  const root = document?.root
  if (document && root?.kind !== 'mapping') return bad('it is not a YAML mapping')
  const home = dirname(file)
  const currentContext = textAt(root, 'current-context')
  return {
    ok: true,
    value: {
      clusters: named(root, 'clusters', 'cluster', (node, name) => readCluster(node, name, home)),
      users: named(root, 'users', 'user', (node, name) => readUser(node, name, home)),
      contexts: named(root, 'contexts', 'context', readContext),
      ...(currentContext ? { currentContext } : {}),
      path: file,
    },
  }
}

/** The entry of a list such as `clusters: [{ name, cluster: {…} }]`, by name; the first of equal names wins. */
function named<T>(
  root: Node | undefined,
  list: string,
  key: string,
  read: (node: Node | undefined, name: string) => T | undefined,
): Map<string, T> {
  const entries = new Map<string, T>()
  for (const item of itemsAt(root, list)) {
    const name = textAt(item, 'name')
    const entry = name ? read(get(item, key), name) : undefined
    if (name && entry && !entries.has(name)) entries.set(name, entry)
  }
  return entries
}

function readContext(node: Node | undefined, name: string): Context | undefined {
  const namespace = textAt(node, 'namespace')
  return { name, cluster: textAt(node, 'cluster') ?? '', user: textAt(node, 'user') ?? '', ...(namespace ? { namespace } : {}) }
}

function readCluster(node: Node | undefined, name: string, home: string): Cluster | undefined {
  const server = textAt(node, 'server')?.replace(/\/+$/, '')
  if (!server) return undefined
  return {
    name,
    server,
    skipTlsVerify: textAt(node, 'insecure-skip-tls-verify') === 'true',
    ...defined({
      caFile: pathAt(node, 'certificate-authority', home),
      caData: textAt(node, 'certificate-authority-data'),
      tlsServerName: textAt(node, 'tls-server-name'),
      proxyUrl: textAt(node, 'proxy-url'),
    }),
  }
}

function readUser(node: Node | undefined, name: string, home: string): User {
  const provider = textAt(node, 'auth-provider', 'name')
  const impersonated = textAt(node, 'as')
  const groups = textsAt(node, 'as-groups')
  return {
    name,
    ...defined({
      certFile: pathAt(node, 'client-certificate', home),
      certData: textAt(node, 'client-certificate-data'),
      keyFile: pathAt(node, 'client-key', home),
      keyData: textAt(node, 'client-key-data'),
      token: textAt(node, 'token'),
      tokenFile: pathAt(node, 'tokenFile', home),
      username: textAt(node, 'username'),
      password: textAt(node, 'password'),
      impersonate: impersonated || groups.length > 0 ? { groups, ...defined({ user: impersonated }) } : undefined,
      exec: readExec(get(node, 'exec'), home),
      authProvider: provider ? { name: provider, config: mapAt(node, 'auth-provider', 'config') } : undefined,
    }),
  }
}

function readExec(node: Node | undefined, home: string): ExecPlugin | undefined {
  const command = textAt(node, 'command')
  if (!command) return undefined
  const env = itemsAt(node, 'env').map(item => [textAt(item, 'name') ?? '', textAt(item, 'value') ?? ''] as const)
  return {
    apiVersion: textAt(node, 'apiVersion') ?? '',
    // A bare name is looked up on PATH, anything with a separator is relative to the file, as in kubectl.
    command: /[\\/]/.test(command) && !isAbsolute(command) ? join(home, command) : command,
    args: textsAt(node, 'args'),
    env: Object.fromEntries(env.filter(([name]) => name !== '')),
    provideClusterInfo: textAt(node, 'provideClusterInfo') === 'true',
    interactiveMode: textAt(node, 'interactiveMode') ?? 'IfAvailable',
  }
}

/** The context to use, with its cluster and user; `undefined`: the current one. */
export function targetOf(config: Kubeconfig, wanted: string | undefined): Found<Target> {
  const name = wanted ?? config.currentContext ?? ''
  const context = config.contexts.get(name)
  if (!context) return { ok: false, problem: { kind: 'no-context', context: name, known: [...config.contexts.keys()] } }
  const missing = (what: string, which: string): Found<never> => ({
    ok: false,
    problem: { kind: 'bad-kubeconfig', path: config.path, detail: `context "${name}" names the ${what} "${which}", which is not in it` },
  })
  const cluster = config.clusters.get(context.cluster)
  if (!cluster) return missing('cluster', context.cluster)
  if (!URL.canParse(cluster.server) || !/^https?:/.test(cluster.server)) {
    return {
      ok: false,
      problem: { kind: 'bad-kubeconfig', path: config.path, detail: `the server of cluster "${cluster.name}" is not an http(s) address` },
    }
  }
  const user = context.user === '' ? { name: '' } : config.users.get(context.user)
  if (!user) return missing('user', context.user)
  return { ok: true, value: { context, cluster, user } }
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

function textAt(node: Node | undefined, ...path: readonly string[]): string | undefined {
  const found = at(node, path)
  return found?.kind === 'scalar' && found.value !== null ? found.text : undefined
}

function textsAt(node: Node | undefined, key: string): readonly string[] {
  return itemsAt(node, key).flatMap(item => (item?.kind === 'scalar' ? [item.text] : []))
}

function mapAt(node: Node | undefined, ...path: readonly string[]): Record<string, string> {
  const found = at(node, path)
  if (found?.kind !== 'mapping') return {}
  return Object.fromEntries(found.entries.flatMap(({ key, value }) => (value?.kind === 'scalar' ? [[key.text, value.text]] : [])))
}

function pathAt(node: Node | undefined, key: string, home: string): string | undefined {
  const path = textAt(node, key)
  return path && !isAbsolute(path) ? join(home, path) : path
}

/** Without the keys whose value is undefined or empty. */
function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined && each !== '')) as never
}
