// One kubeconfig file as client-go decodes it. https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
import { parseYaml } from '../core/yaml/parse.ts'
import type { Cluster, Context, ExecPlugin, Found, Impersonation, Kubeconfig, User } from './kubeconfig.ts'
import { absolute, Entry } from './kubeconfigEntry.ts'

/** Reads one file as client-go decodes it: what is of the wrong type makes the whole file unusable, what is unknown is ignored. */
export function parseKubeconfig(text: string, file: string): Found<Kubeconfig> {
  const bad = (detail: string): Found<never> => ({ ok: false, problem: { kind: 'bad-kubeconfig', path: file, detail } })
  const [document] = parseYaml(text)
  const problem = document?.problems.find(({ code }) => code !== 'DUPLICATE_KEY')
  if (problem) {
    const line = text.slice(0, problem.span.start).split('\n').length
    // Some of the parser's reasons end in a piece of the file, which may be a token.
    return bad(`line ${line}: ${problem.detail.split(/: "|\n/)[0]}`)
  }
  const root = document?.root
  const isNothing = root === undefined || (root.kind === 'scalar' && root.value === null)
  if (!isNothing && root.kind !== 'mapping') return bad('it is not a YAML mapping')
  const wrong: string[] = []
  const config = readConfig(new Entry(isNothing ? undefined : root, file, wrong))
  const [first] = wrong
  return first === undefined ? { ok: true, value: config } : bad(first)
}

function readConfig(root: Entry): Kubeconfig {
  if (![undefined, 'Config'].includes(root.text('kind'))) root.complain('its kind is not "Config"')
  if (![undefined, 'v1'].includes(root.text('apiVersion'))) root.complain('its apiVersion is not "v1"')
  const currentContext = root.text('current-context')
  return {
    clusters: root.named('clusters', 'cluster', readCluster),
    users: root.named('users', 'user', readUser),
    contexts: root.named('contexts', 'context', readContext),
    ...(currentContext ? { currentContext } : {}),
    path: root.file,
  }
}

function readContext(entry: Entry, name: string): Context {
  return { name, cluster: entry.text('cluster') ?? '', user: entry.text('user') ?? '', ...defined({ namespace: entry.text('namespace') }) }
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#configuration, "Provided by cluster-specific extensions". */
const execExtension = 'client.authentication.k8s.io/exec'

function readCluster(entry: Entry, name: string): Cluster {
  const extension = entry.list('extensions').find(each => each.text('name') === execExtension)
  return {
    name,
    server: addressOf(entry.text('server') ?? ''),
    skipTlsVerify: entry.flag('insecure-skip-tls-verify'),
    ...defined({
      caFile: entry.path('certificate-authority'),
      caData: entry.base64('certificate-authority-data'),
      tlsServerName: entry.text('tls-server-name'),
      proxyUrl: entry.text('proxy-url'),
      disableCompression: entry.flag('disable-compression') || undefined,
      execConfig: extension?.plain('extension'),
    }),
  }
}

/** client-go takes an address without a scheme for plain http (`DefaultServerURL`), a query and a slash at its end for nothing. */
function addressOf(server: string): string {
  const address = server === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(server) ? server : `http://${server}`
  return address.replace(/[?#].*$/, '').replace(/\/+$/, '')
}

function readUser(entry: Entry, name: string): User {
  const provider = entry.child('auth-provider')
  const impersonate = {
    groups: entry.texts('as-groups'),
    extra: readExtra(entry),
    ...defined({ user: entry.text('as'), uid: entry.text('as-uid') }),
  }
  const isImpersonating = Object.keys(impersonate).length > 2 || impersonate.groups.length > 0 || Object.keys(impersonate.extra).length > 0
  return {
    name,
    ...defined({
      certFile: entry.path('client-certificate'),
      certData: entry.base64('client-certificate-data'),
      keyFile: entry.path('client-key'),
      keyData: entry.base64('client-key-data'),
      token: entry.text('token'),
      tokenFile: entry.path('tokenFile'),
      username: entry.text('username'),
      password: entry.text('password'),
      impersonate: isImpersonating ? impersonate : undefined,
      exec: readExec(entry.child('exec')),
      authProvider: provider && { name: provider.text('name') ?? '', config: provider.child('config')?.textMap() ?? {} },
    }),
  }
}

function readExtra(entry: Entry): Impersonation['extra'] {
  const extra = entry.child('as-user-extra')
  return Object.fromEntries((extra?.keys ?? []).map(key => [key, extra?.texts(key) ?? []]))
}

function readExec(entry: Entry | undefined): ExecPlugin | undefined {
  if (!entry) return undefined
  const command = entry.text('command') ?? ''
  const apiVersion = entry.text('apiVersion') ?? ''
  return {
    file: entry.file,
    apiVersion,
    // A bare name is looked up on PATH, anything with a separator is relative to the file, as in kubectl.
    command: /[\\/]/.test(command) ? absolute(command, entry.file) : command,
    args: entry.texts('args'),
    env: Object.fromEntries(entry.list('env').map(each => [each.text('name') ?? '', each.text('value') ?? ''])),
    provideClusterInfo: entry.flag('provideClusterInfo'),
    // client-go, clientcmd/api/v1/defaults.go: only the versions before v1 have a default.
    interactiveMode: entry.text('interactiveMode') ?? (/\/v1(alpha1|beta1)$/.test(apiVersion) ? 'IfAvailable' : ''),
    ...defined({ installHint: entry.text('installHint') }),
  }
}

/** Without the keys whose value is undefined or empty. */
function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined && each !== '')) as never
}
