import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  contextsOf,
  kubeconfigFiles,
  parseKubeconfig,
  readKubeconfig,
  secretsOf,
  type Target,
  targetOf,
} from '../../../server/src/cluster/kubeconfig.ts'

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
users: [{ name: u, user: { client-certificate: keys/me.crt, client-key: /etc/me.key, tokenFile: token, exec: { command: ./login, args: [a] } } }]
contexts: [{ name: prod, context: { cluster: c, user: u } }]
`)
    expect(cluster.caFile).toBe(join(folder, 'ca.crt'))
    expect(user).toMatchObject({ certFile: join(folder, 'keys/me.crt'), keyFile: '/etc/me.key', tokenFile: join(folder, 'token') })
    expect(user.exec).toMatchObject({ command: join(folder, 'login'), args: ['a'] })
  })

  test('a command without a separator is left to PATH', async () => {
    const { user } = await target(config({ user: '{ exec: { command: aws, env: [{ name: AWS_PROFILE, value: prod }] } }' }))
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
    'a user that is not there',
    config().replace('user: prod', 'user: gone'),
    undefined,
    { kind: 'bad-kubeconfig', detail: expect.stringContaining('"gone"') },
  ],
  [
    'a server that is no address',
    config({ server: 'prod.example' }),
    undefined,
    { kind: 'bad-kubeconfig', detail: expect.stringContaining('not an http(s) address') },
  ],
] as const)('%s is told', async ([, text, context, problem]) => {
  const read = await readKubeconfig([file('config', text)])
  expect(read.ok && targetOf(read.value, context)).toMatchObject({ ok: false, problem })
})

test('everything secret of a user is known as secret', async () => {
  const text = config({
    user: '{ token: aaa, password: bbb, client-key-data: ccc, exec: { command: x, env: [{ name: N, value: ddd }] }, auth-provider: { name: oidc, config: { id-token: eee } } }',
  })
  expect(secretsOf(await target(text)).toSorted()).toEqual(['aaa', 'bbb', 'ccc', 'ddd', 'eee'])
})
