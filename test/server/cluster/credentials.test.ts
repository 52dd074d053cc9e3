import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAccess } from '../../../server/src/cluster/access.ts'
import { systemClock } from '../../../server/src/cluster/clock.ts'
import { runExecPlugin } from '../../../server/src/cluster/execCredential.ts'
import type { Cluster, ExecPlugin, Target, User } from '../../../server/src/cluster/kubeconfig.ts'
import { redactorOf, withoutUserInfo } from '../../../server/src/cluster/redact.ts'
import { runtimeProblem } from '../../../server/src/cluster/runtime.ts'
import { createTransport } from '../../../server/src/cluster/transport.ts'
import { connectWith } from './support/connected.ts'
import { VirtualClock } from './support/virtualClock.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'istio-security-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

const cluster: Cluster = { name: 'prod', server: 'https://prod:6443', skipTlsVerify: false }
const never = new AbortController().signal

/** A credential program in JavaScript. */
function program(body: string, more: Partial<ExecPlugin> = {}): ExecPlugin {
  const path = join(folder, 'login.cjs')
  writeFileSync(path, body)
  return {
    file: '/home/ada/.kube/config',
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [path],
    env: {},
    provideClusterInfo: false,
    interactiveMode: 'IfAvailable',
    ...more,
  }
}

const run = (plugin: ExecPlugin, deadlineMs = 5_000) => runExecPlugin(plugin, cluster, redactorOf(['pl4nted-secret']), deadlineMs, never)

describe('a credential program', () => {
  test('is told what kubectl tells, and has no standard input', async () => {
    const plugin = program(
      `let input = ''
       process.stdin.on('data', text => { input += text }).on('end', () => {
         const told = JSON.parse(process.env.KUBERNETES_EXEC_INFO)
         process.stdout.write(JSON.stringify({ status: { token: [told.kind, told.spec.interactive, told.spec.cluster.server, process.env.MODE, input].join('|') } }))
       })`,
      { provideClusterInfo: true, env: { MODE: 'quiet' } },
    )
    expect(await run(plugin)).toEqual({ ok: true, value: { token: 'ExecCredential|false|https://prod:6443|quiet|' } })
  })

  test('may print a certificate and when it expires', async () => {
    const status = { clientCertificateData: 'CERT', clientKeyData: 'KEY', expirationTimestamp: '2026-11-21T10:00:00Z' }
    const plugin = program(`process.stdout.write(${JSON.stringify(JSON.stringify({ status }))})`)
    expect(await run(plugin)).toEqual({ ok: true, value: { certificate: 'CERT', key: 'KEY', expires: Date.parse('2026-11-21T10:00:00Z') } })
  })

  test('that hangs is ended at its deadline, with its children left behind', async () => {
    const plugin = program(
      `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 3000)'], { stdio: 'inherit' }); setInterval(() => {}, 1000)`,
    )
    const started = Date.now()
    expect(await run(plugin, 700)).toEqual({ ok: false, detail: expect.stringContaining('did not answer within 0.7 s') })
    expect(Date.now() - started).toBeLessThan(2_500)
  })

  test.for([
    [
      'fails',
      `console.error('first line'); console.error('Token pl4nted-secret has expired'); process.exit(3)`,
      /status 3: Token \[redacted\] has expired$/,
    ],
    ['prints no JSON', `console.log('pl4nted-secret, sign in at https://id.example.net')`, /not JSON$/],
    ['prints no credentials', `console.log('{}')`, /no credentials$/],
    [
      'prints for ever',
      `const text = 'x'.repeat(65536); const more = () => process.stdout.write(text, more); more()`,
      /more than a megabyte$/,
    ],
  ] as const)('that %s is told in words', async ([, body, detail]) => {
    const answer = await run(program(body))
    expect(answer).toEqual({ ok: false, detail: expect.stringMatching(detail) })
    expect(JSON.stringify(answer)).not.toContain('pl4nted')
  })

  test('that is not there, or needs a terminal, is told in words', async () => {
    expect(await run(program('', { command: 'no-such-login' }))).toEqual({
      ok: false,
      detail: 'the credential program "no-such-login" was not found',
    })
    expect(await run(program('', { interactiveMode: 'Always' }))).toMatchObject({
      detail: expect.stringContaining('signs in at a terminal'),
    })
  })
})

test.for([
  ['v1alpha1', { apiVersion: 'client.authentication.k8s.io/v1alpha1' }, /v1alpha1; only v1 and v1beta1 of it exist$/],
  [
    'a missing program with a hint',
    { command: 'no-such-login', installHint: 'Get it\n from example.net.' },
    /was not found; its hint: Get it from example.net$/,
  ],
] as const)('%s', async ([, more, detail]) => {
  expect(await run(program('', more))).toEqual({ ok: false, detail: expect.stringMatching(detail) })
})

test.for([
  ['client.authentication.k8s.io/v1', true],
  ['client.authentication.k8s.io/v1beta1', false],
] as const)('an answer in %s to a question in v1: %s', async ([apiVersion, ok]) => {
  const answer = JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token: 'a' } })
  expect(await run(program(`process.stdout.write(${JSON.stringify(answer)})`))).toMatchObject({ ok })
})

test('a program is told of the cluster what client-go tells: the authority of a file too, and what an extension says', async () => {
  const caFile = join(folder, 'ca.crt')
  writeFileSync(caFile, 'PEM')
  const told: Cluster = {
    ...cluster,
    caFile,
    tlsServerName: 'api',
    proxyUrl: 'http://proxy:3128',
    disableCompression: true,
    execConfig: { audience: 'x' },
  }
  const plugin = program(
    `process.stdout.write(JSON.stringify({ status: { token: JSON.stringify(JSON.parse(process.env.KUBERNETES_EXEC_INFO).spec.cluster) } }))`,
    { provideClusterInfo: true },
  )
  const answer = await runExecPlugin(plugin, told, redactorOf([]), 5_000, never)
  expect(answer.ok && JSON.parse(answer.value.token ?? '')).toEqual({
    server: cluster.server,
    'tls-server-name': 'api',
    'certificate-authority-data': Buffer.from('PEM').toString('base64'),
    'proxy-url': 'http://proxy:3128',
    'disable-compression': true,
    config: { audience: 'x' },
  })
})

describe('access to one API server', () => {
  const targetFor = (user: Partial<User>, server = cluster.server): Target => ({
    context: { name: 'prod', cluster: 'prod', user: 'me' },
    cluster: { ...cluster, server },
    user: { name: 'me', ...user },
  })
  const access = (user: Partial<User>, server = cluster.server) =>
    createAccess({
      target: targetFor(user, server),
      clock: systemClock,
      reload: async () => undefined,
    })

  test('requests that come together share one run of the program, later ones its answer', async () => {
    const counted = join(folder, 'runs')
    const plugin = program(
      `require('node:fs').appendFileSync(${JSON.stringify(counted)}, 'run '); process.stdout.write('{"status":{"token":"printed"}}')`,
    )
    const to = access({ exec: plugin })
    const answers = await Promise.all([to.credentials(), to.credentials(), to.credentials()])
    await to.credentials()
    expect(readFileSync(counted, 'utf8')).toBe('run ')
    const [first] = answers
    expect(first).toMatchObject({ ok: true, value: { headers: { Authorization: 'Bearer printed' } } })
    if (first?.ok) to.renew(first.value)
    await to.credentials()
    // A late refusal of the old credentials must not throw the new ones away.
    if (first?.ok) to.renew(first.value)
    await to.credentials()
    expect(readFileSync(counted, 'utf8')).toBe('run run ')
    to.dispose()
  })

  const counting = (status: object, more: Partial<ExecPlugin> = {}) => {
    const counted = join(folder, 'runs')
    writeFileSync(counted, '')
    const answer = JSON.stringify({ status })
    const body = `require('node:fs').appendFileSync(${JSON.stringify(counted)}, 'x'); process.stdout.write(${JSON.stringify(answer)})`
    return { plugin: program(body, more), runs: () => readFileSync(counted, 'utf8').length }
  }

  test.for([
    ['an hour', 3_600_000, [1, 1, 2]],
    // Nothing is lost by an answer that ends before it begins where the clocks differ: it serves for a moment.
    ['a clock that is ahead', -600_000, [1, 2, 3]],
    ['twenty seconds', 20_000, [1, 2, 3]],
  ] as const)('credentials that last %s are renewed ahead of their end', async ([, lasts, runs]) => {
    const clock = new VirtualClock()
    const { plugin, runs: count } = counting({ token: 'a', expirationTimestamp: new Date(clock.now() + lasts).toISOString() })
    const to = createAccess({ target: targetFor({ exec: plugin }), clock, reload: async () => undefined })
    const seen: number[] = []
    for (const later of [0, 61_000, 3_520_000]) {
      await clock.pass(later)
      await to.credentials()
      await to.credentials()
      seen.push(count())
    }
    expect(seen).toEqual(runs)
    to.dispose()
  })

  test('what the kubeconfig says itself comes before the program, which is not run', async () => {
    const { plugin, runs } = counting({ token: 'printed' })
    for (const user of [{ token: 'written' }, { username: 'ada', password: 'pw' }]) {
      const to = access({ ...user, exec: plugin })
      expect(await to.credentials()).not.toMatchObject({ value: { headers: { Authorization: 'Bearer printed' } } })
      to.dispose()
    }
    expect(runs()).toBe(0)
  })

  test('a program that failed is not run for each request that waits, but when somebody tries again', async () => {
    const { plugin, runs } = counting({})
    const to = access({ exec: plugin })
    await Promise.all([to.credentials(), to.credentials()])
    expect(await to.credentials()).toMatchObject({ ok: false })
    expect(runs()).toBe(1)
    to.retry()
    await to.credentials()
    expect(runs()).toBe(2)
    to.dispose()
  })

  test('a program is run only where it is allowed, and the steps are told', async () => {
    const { plugin, runs } = counting({ token: 'printed' }, { env: { SECRET: 'pl4nted', A: 'b' } })
    const asked: unknown[] = []
    const steps: unknown[] = []
    let allowed = false
    const to = createAccess({
      target: targetFor({ exec: plugin }),
      clock: systemClock,
      reload: async () => undefined,
      onStep: step => steps.push(step),
      allowProgram: async program => {
        asked.push(program)
        return allowed
      },
    })
    expect(await to.credentials()).toEqual({ ok: false, detail: expect.stringContaining('not allowed'), refusedProgram: plugin.command })
    expect([runs(), steps]).toEqual([0, ['asking', undefined]])
    allowed = true
    to.retry()
    expect(await to.credentials()).toMatchObject({ ok: true })
    expect([runs(), steps.slice(2)]).toEqual([1, ['asking', undefined, 'signing-in', undefined]])
    const { file: kubeconfig, command, args } = plugin
    expect(asked[0]).toEqual({ context: 'prod', kubeconfig, command, args, env: ['A', 'SECRET'] })
    to.dispose()
  })

  test.for([
    ['a token', { token: 'abc' }, { Authorization: 'Bearer abc' }],
    ['a user and password', { username: 'ada', password: 'pw' }, { Authorization: `Basic ${Buffer.from('ada:pw').toString('base64')}` }],
    [
      'somebody else',
      { token: 'abc', impersonate: { user: 'bob', uid: '7', groups: ['dev', 'ops'], extra: { 'Team name%': ['a', 'b'] } } },
      {
        'Impersonate-User': 'bob',
        'Impersonate-Uid': '7',
        'Impersonate-Group': ['dev', 'ops'],
        'Impersonate-Extra-Team%20name%25': ['a', 'b'],
      },
    ],
  ] as const)('%s becomes headers', async ([, user, headers]) => {
    const to = access(user)
    expect(await to.credentials()).toMatchObject({ ok: true, value: { headers } })
    to.dispose()
  })

  test('a token file is read without its line end, and wins over a token, which serves where there is no file', async () => {
    const gone = access({ token: 'abc', tokenFile: join(folder, 'gone') })
    expect(await gone.credentials()).toMatchObject({ value: { headers: { Authorization: 'Bearer abc' } } })
    gone.dispose()
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, 'from-file\n')
    const to = access({ token: 'abc', tokenFile })
    expect(await to.credentials()).toMatchObject({ value: { headers: { Authorization: 'Bearer from-file' } } })
    to.dispose()
  })

  test('credentials go over plain http to this machine only', async () => {
    expect(await access({ token: 'abc' }, 'http://prod.example').credentials()).toMatchObject({ ok: true, value: { headers: {} } })
    expect(await access({ token: 'abc' }, 'http://127.0.0.1:8001').credentials()).toMatchObject({
      value: { headers: { Authorization: 'Bearer abc' } },
    })
    const far = await access({ token: 'abc' }, 'http://prod.example').credentials()
    expect(far.ok && Object.keys(far.value.headers)).toEqual([])
  })

  test('a certificate file that is missing is an answer', async () => {
    expect(await access({ certFile: join(folder, 'gone.crt') }).credentials()).toMatchObject({
      ok: false,
      detail: expect.stringContaining('gone.crt'),
    })
  })
})

test('a 401 gets new credentials once, a second one is the answer', async () => {
  const seen: (string | undefined)[] = []
  const { url, close } = await serve(headers => {
    seen.push(headers.authorization)
    return { code: 401, body: JSON.stringify({ message: 'Unauthorized' }) }
  })
  const target = {
    context: { name: 'prod', cluster: 'prod', user: 'me' },
    cluster: { ...cluster, server: url },
    user: { name: 'me', token: 'old' },
  }
  const access = createAccess({ target, clock: systemClock, reload: async () => ({ ...target, user: { name: 'me', token: 'new' } }) })
  expect(await createTransport(access).get('/apis', { signal: never })).toEqual({
    ok: false,
    failure: { kind: 'status', code: 401, message: 'Unauthorized' },
  })
  expect(seen).toEqual(['Bearer old', 'Bearer new'])
  access.dispose()
  close()
})

test('nothing secret reaches a log line, a state or an answer, also when the server repeats it', async () => {
  const [token, password, key, env] = ['pl4nted-token', 'pl4nted-password', 'cGw0bnRlZC1rZXk=', 'pl4nted-env']
  let repeated: readonly string[] = []
  const { url, close } = await serve(headers => ({
    code: 500,
    body: JSON.stringify({ message: `cannot serve ${headers.authorization} with ${repeated.join(' ')}` }),
  }))
  const kubeconfig = (user: string) => `
current-context: prod
clusters: [{ name: prod, cluster: { server: "${url.replace('//', `//ada:${password}@`)}" } }]
users: [{ name: prod, user: ${user} }]
contexts: [{ name: prod, context: { cluster: prod, user: prod } }]
`
  const failing = program(`console.error('cannot use ' + process.env.SECRET); process.exit(1)`)
  const exec = JSON.stringify({ ...failing, env: [{ name: 'SECRET', value: env }] })
  const users = [
    [`{ token: ${token}, client-key-data: ${key} }`, [token, key]],
    [`{ username: ada, password: ${password} }`, [password]],
    [`{ exec: ${exec} }`, [env]],
  ] as const
  for (const [user, secrets] of users) {
    repeated = secrets
    const connected = connectWith(kubeconfig(user))
    await connected.connection.ready()
    expect(connected.states.at(-1)).toMatchObject({ kind: 'failed' })
    const told = JSON.stringify([connected.lines, connected.states, connected.connection.state])
    expect(told).toContain('[redacted]')
    expect(secrets.filter(secret => told.includes(secret))).toEqual([])
    connected.dispose()
  }
  close()
})

test('what looks like a credential is blanked although nobody knows it', () => {
  const redact = redactorOf([])
  expect(redact('Authorization: Bearer abc.def')).toBe('Authorization: [redacted]')
  expect(redact('token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln refused')).toBe('token [redacted] refused')
  expect(redact('-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----')).toBe('[redacted]')
  expect(redact('connect to https://ada:pw@prod:6443 failed')).toBe('connect to https://[redacted]@prod:6443 failed')
  expect(withoutUserInfo('https://ada:pw@prod:6443')).toBe('https://prod:6443')
})

test.for([
  ['20.20.2', true],
  ['22.18.0', true],
  ['22.19.0', false],
  ['24.0.0', false],
] as const)('Node %s is too old: %s', ([version, old]) => {
  expect(runtimeProblem(version)).toEqual(old ? { kind: 'old-runtime', version } : undefined)
})

async function serve(answer: (headers: IncomingHttpHeaders) => { readonly code: number; readonly body: string }) {
  const server = createServer((request, response) => {
    const { code, body } = answer(request.headers)
    response.writeHead(code, { 'content-type': 'application/json' }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
