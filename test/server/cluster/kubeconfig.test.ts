import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contextsOf, kubeconfigFiles, readKubeconfig, secretsOf, type Target, targetOf } from '../../../server/src/cluster/kubeconfig.ts'
import { parseKubeconfig } from '../../../server/src/cluster/kubeconfigFile.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'istio-security-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

interface Written {
  readonly context?: string
  readonly server?: string
  readonly user?: string
  readonly current?: string
}

function config({
  context = 'prod',
  server = 'https://prod.example:6443',
  user = '{ token: t0ken-of-prod }',
  current,
}: Written = {}): string {
  return `
current-context: ${current ?? context}
clusters: [{ name: ${context}, cluster: { server: "${server}" } }]
users: [{ name: ${context}, user: ${user} }]
contexts: [{ name: ${context}, context: { cluster: ${context}, user: ${context}, namespace: shop } }]
`
}

async function target(text: string, context?: string): Promise<Target> {
  const read = await readKubeconfig([file('config', text)])
  const found = read.ok ? targetOf(read.value, context) : read
  if (!found.ok) throw new Error(JSON.stringify(found.problem))
  return found.value
}

describe('where it is looked for', () => {
  test.for([
    ['the file that is named', '/etc/kube', { KUBECONFIG: '/a' }, ['/etc/kube']],
    ['the home folder in a name', '~/kube/prod', {}, [join(homedir(), 'kube/prod')]],
    [
      'the list of KUBECONFIG, without blanks and repetitions',
      undefined,
      { KUBECONFIG: ['/a', '', '/b', '/a'].join(delimiter) },
      ['/a', '/b'],
    ],
    ['else the home folder', undefined, { HOME: '/home/ada' }, [join('/home/ada', '.kube', 'config')]],
  ] as const)('%s', ([, explicit, env, files]) => {
    expect(kubeconfigFiles(explicit, env)).toEqual(files)
  })
})

interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly kubeconfig: readonly string[]
  readonly context?: string
  readonly expect: Readonly<Record<string, unknown>> & { readonly error?: string }
}

/** Where we differ on purpose from what client-go says at this point, and what we say. */
const otherwise: Readonly<Record<string, string>> = {
  'a server with a slash at its end': 'without the slash, as client-go asks it',
  'a server with a path and a slash at its end': 'without the slash, as client-go asks it',
  'a server without a scheme': 'http, as client-go asks it',
  'a server a bare name': 'http, as client-go asks it',
  'a server of another scheme': 'a problem, which client-go has with the first request',
  'a server with blanks': 'a problem, which client-go has with the first request',
  'a token file that is missing': 'a problem once the file is read',
  'a certificate file that is missing': 'a problem once the file is read',
  'an authority file that is missing': 'a problem once the file is read',
  'exec with a hint': 'made visible where it is shown',
}

/** The fields of client-go's answer. */
function asClientGo({ context, cluster, user }: Target): Record<string, unknown> {
  const { exec, impersonate, authProvider } = user
  const decoded = (data: string | undefined) => data && Buffer.from(data, 'base64').toString()
  // Without TLS nothing of the user is used.
  const isTls = cluster.server.startsWith('https:')
  const secure = {
    insecure: cluster.skipTlsVerify || undefined,
    serverName: cluster.tlsServerName,
    caFile: cluster.caFile,
    caData: decoded(cluster.caData),
    ...(user.certFile || user.certData
      ? { certFile: user.certFile, certData: decoded(user.certData), keyFile: user.keyFile, keyData: decoded(user.keyData) }
      : {}),
    token: user.token,
    tokenFile: user.tokenFile,
    username: user.username,
    password: user.password,
    authProvider,
    exec: exec && {
      command: exec.command,
      apiVersion: exec.apiVersion,
      interactiveMode: exec.interactiveMode,
      ...(exec.args.length > 0 ? { args: exec.args } : {}),
      ...(Object.keys(exec.env).length > 0 ? { env: exec.env } : {}),
      ...(exec.provideClusterInfo ? { provideClusterInfo: true } : {}),
      ...(exec.installHint ? { installHint: exec.installHint } : {}),
      ...(cluster.execConfig ? { config: cluster.execConfig } : {}),
    },
  }
  const all = {
    namespace: context.namespace ?? 'default',
    server: cluster.server,
    proxy: cluster.proxyUrl,
    disableCompression: cluster.disableCompression,
    as: impersonate?.user,
    asUid: impersonate?.uid,
    asGroups: impersonate && impersonate.groups.length > 0 ? impersonate.groups : undefined,
    asExtra: impersonate && Object.keys(impersonate.extra).length > 0 ? impersonate.extra : undefined,
    ...(isTls ? secure : {}),
  }
  return JSON.parse(JSON.stringify(all).replaceAll(folder, '$DIR'))
}

describe('client-go says the same', () => {
  const cases: readonly Case[] = JSON.parse(readFileSync('test/data/kubeconfig/cases.json', 'utf8'))

  test('each exception is a case', () => {
    expect(Object.keys(otherwise).filter(name => !cases.some(each => each.name === name))).toEqual([])
  })

  test.for(cases)('$name', async ({ name, files, kubeconfig, context, expect: said }) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true })
      file(path, text)
    }
    const env = { KUBECONFIG: kubeconfig.map(path => path && join(folder, path)).join(delimiter) }
    const read = await readKubeconfig(kubeconfigFiles(undefined, env))
    const found = read.ok ? targetOf(read.value, context) : read
    const { contexts, current, error, token, ...target } = said
    if (read.ok && contexts)
      expect(
        contextsOf(read.value)
          .map(each => each.name)
          .sort(),
      ).toEqual(contexts)
    if (read.ok && !error) expect(read.value.currentContext).toEqual(current)
    const ours = found.ok ? asClientGo(found.value) : { error: found.problem }
    // The token of a file is read when it is needed.
    const theirs = error ? { error } : { ...target, ...(token && !(target.tokenFile && !ours.token) ? { token } : {}) }
    if (name in otherwise) expect(ours).not.toEqual(theirs)
    else if (error) expect(ours).toHaveProperty('error')
    else expect(ours).toEqual(theirs)
  })
})

// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
describe('merging, as kubectl does', () => {
  test('the first file that names something wins, also the current context', async () => {
    const first = file('first', config({ server: 'https://first:1' }))
    const second = file('second', `${config({ server: 'https://second:2' })}`.replace('current-context: prod', 'current-context: other'))
    const read = await readKubeconfig([first, second])
    expect(read.ok && read.value.currentContext).toBe('prod')
    expect(read.ok && read.value.clusters.get('prod')?.server).toBe('https://first:1')
  })

  test('what only a later file names is there too', async () => {
    const read = await readKubeconfig([file('first', config()), file('second', config({ context: 'stage' }))])
    expect(read.ok && contextsOf(read.value).map(({ name, current }) => [name, current])).toEqual(
      expect.arrayContaining([
        ['prod', true],
        ['stage', false],
      ]),
    )
  })

  test('missing and empty files are skipped', async () => {
    const read = await readKubeconfig([join(folder, 'missing'), file('empty', ''), file('config', config())])
    expect(read.ok && read.value.currentContext).toBe('prod')
  })

  test('no file at all is told with the places that were looked at', async () => {
    const path = join(folder, 'missing')
    expect(await readKubeconfig([path])).toEqual({ ok: false, problem: { kind: 'no-kubeconfig', path } })
  })
})

describe('what one context says', () => {
  test('paths are relative to the file they stand in', async () => {
    const { user, cluster } = await target(`
current-context: prod
clusters: [{ name: c, cluster: { server: "https://prod:6443", certificate-authority: ca.crt } }]
users: [{ name: u, user: { client-certificate: keys/me.crt, client-key: /etc/me.key, tokenFile: token, exec: { apiVersion: client.authentication.k8s.io/v1beta1, command: ./login, args: [a] } } }]
contexts: [{ name: prod, context: { cluster: c, user: u } }]
`)
    expect(cluster.caFile).toBe(join(folder, 'ca.crt'))
    expect(user).toMatchObject({ certFile: join(folder, 'keys/me.crt'), keyFile: '/etc/me.key', tokenFile: join(folder, 'token') })
    expect(user.exec).toMatchObject({ command: join(folder, 'login'), args: ['a'] })
  })

  test('a command without a separator is left to PATH', async () => {
    const { user } = await target(
      config({
        user: '{ exec: { apiVersion: client.authentication.k8s.io/v1beta1, command: aws, env: [{ name: AWS_PROFILE, value: prod }] } }',
      }),
    )
    expect(user.exec).toMatchObject({ command: 'aws', env: { AWS_PROFILE: 'prod' } })
  })

  test('insecure-skip-tls-verify, tls-server-name and proxy-url are read', async () => {
    const text = config().replace(
      '{ server: ',
      '{ insecure-skip-tls-verify: true, tls-server-name: api, proxy-url: "http://proxy:3128", server: ',
    )
    expect((await target(text)).cluster).toMatchObject({ skipTlsVerify: true, tlsServerName: 'api', proxyUrl: 'http://proxy:3128' })
  })

  test('a server never shows user and password', async () => {
    const read = await readKubeconfig([file('config', config({ server: 'https://ada:s3cret@prod.example:6443/' }))])
    expect(read.ok && contextsOf(read.value)[0]?.server).toBe('https://prod.example:6443')
  })
})

test.for([
  ['an open quote', 'users:\n  - name: me\n    user: {token: "s3cret-token', /^line 3: /],
  ['a token on a line of its own', 'users:\n- name: me\n  user:\n    token: a\n   s3cret-token', /^line \d: /],
  ['JSON cut off', '{"users": [{"name": "me", "user": {"token": "s3cret-token"', /^line 1: /],
  ['a tab', 'users:\n\t- s3cret-token', /^line 2: /],
  ['a list', '- s3cret-token', /not a YAML mapping/],
] as const)('%s is a bad kubeconfig, told without the text of the file', ([, text, detail]) => {
  const read = parseKubeconfig(text, '/home/ada/.kube/config')
  expect(read).toMatchObject({
    ok: false,
    problem: { kind: 'bad-kubeconfig', path: '/home/ada/.kube/config', detail: expect.stringMatching(detail) },
  })
  expect(JSON.stringify(read)).not.toContain('s3cret')
})

test('a folder in the place of the file is a bad kubeconfig', async () => {
  expect(await readKubeconfig([folder])).toMatchObject({ ok: false, problem: { kind: 'bad-kubeconfig', detail: 'it is a folder' } })
})

test.for([
  ['an unknown context', config(), 'stage', { kind: 'no-context', context: 'stage', known: ['prod'] }],
  ['no current context', config({ current: '""' }), undefined, { kind: 'no-context', context: '', known: ['prod'] }],
  [
    'a cluster that is not there',
    config().replace('cluster: prod', 'cluster: gone'),
    undefined,
    { kind: 'bad-kubeconfig', detail: expect.stringContaining('"gone"') },
  ],
  [
    'a server that is no address',
    config({ server: 'ftp://prod.example' }),
    undefined,
    { kind: 'bad-kubeconfig', detail: expect.stringContaining('not an http(s) address') },
  ],
] as const)('%s is told', async ([, text, context, problem]) => {
  const read = await readKubeconfig([file('config', text)])
  expect(read.ok && targetOf(read.value, context)).toMatchObject({ ok: false, problem })
})

test('everything secret of a user is known as secret', async () => {
  const text = config({
    user: '{ token: aaa, client-key-data: cccc, auth-provider: { name: oidc, config: { id-token: eee } } }',
  })
  expect(secretsOf(await target(text)).toSorted()).toEqual(['aaa', 'cccc', 'eee'])
  const exec = config({
    user: `{ password: bbb, exec: { apiVersion: client.authentication.k8s.io/v1beta1, command: x, env: [{ name: KEY, value: ddd }] } }`,
  })
  expect(secretsOf(await target(exec)).toSorted()).toEqual(['bbb', 'ddd'])
})
