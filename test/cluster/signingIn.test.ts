// Every way to sign in at a real API server, and what happens when what was signed in with ends while the cluster is followed.
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { ApiClient } from './apiClient.ts'
import { type Followed, followed } from './follow.ts'
import { equalsFreshList } from './freshList.ts'
import { pem } from './keys.ts'
import { type Plane, startPlane } from './plane.ts'
import { bind, reader } from './reader.ts'
import { tokenFor, userOf } from './tokens.ts'
import { Wire } from './wire.ts'

const account = { namespace: 'billing', name: 'invoicer' }
const long = 3_600
/** Long enough to connect, short enough to wait for. */
const short = 6

let plane: Plane
beforeAll(async () => {
  plane = await startPlane()
  await plane.admin.createAll([bind(reader, userOf(account))])
})
afterAll(() => plane?.stop())

const token = (seconds: number) => tokenFor(plane, account, seconds)
const file = (name: string) => join(plane.site.folder, name)
const isUpToDate = ({ connection }: Followed) => equalsFreshList(() => connection.world().objects, plane.admin)

/** A file in the rig's folder; answers its path. */
async function written(name: string, text: string): Promise<string> {
  await writeFile(file(name), text, { mode: 0o600 })
  return file(name)
}

const credential = (status: object) => JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })

/** A program that prints what is in a file, and notes each run. */
function program(answer: string): object {
  const script = 'echo run >> "$0.runs"; cat "$0"'
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script, answer], interactiveMode: 'Never' }
  return { exec }
}

const runsOf = (answer: string) => (existsSync(`${answer}.runs`) ? readFileSync(`${answer}.runs`, 'utf8').trim().split('\n').length : 0)

const certificate = (name: string, authority = plane.site.kubernetes) =>
  plane.site.keys.issue(name, { subject: '/CN=reader', usage: 'clientAuth' }, authority)

test.each<readonly [string, () => Promise<object>]>([
  ['a token', async () => ({ token: await token(long) })],
  ['a token file', async () => ({ tokenFile: await written('token', await token(long)) })],
  [
    'a client certificate',
    async () => {
      const { certificate: chain, key } = await certificate('reader')
      return { 'client-certificate': chain, 'client-key': key }
    },
  ],
  ['a program that prints a token', async () => program(await written('printed-token', credential({ token: await token(long) })))],
  [
    'a program that prints a client certificate',
    async () => {
      const { certificate: chain, key } = await certificate('printed')
      const status = { clientCertificateData: await pem(chain), clientKeyData: await pem(key) }
      return program(await written('printed-certificate', credential(status)))
    },
  ],
])('%s signs in', async (_, login) => {
  using following = await followed(await plane.kubeconfig('signing-in', { user: await login() }))
  expect(following.connection.state).toMatchObject({ kind: 'connected', gaps: [] })
  await isUpToDate(following)
})

/** Ends what a token is good for, while whoever follows over the wire is cut off. */
async function expired(old: string, wire: Wire, meanwhile: () => Promise<unknown>): Promise<void> {
  wire.cut()
  // It remembers which tokens it has accepted.
  await plane.server.restart()
  const client = new ApiClient(plane.server.url, readFileSync(plane.site.kubernetes.certificate, 'utf8'), old)
  await eventually(
    'the token has expired',
    async () => (await client.request('GET', '/api')).status,
    status => status === 401,
    20,
  )
  client.close()
  await meanwhile()
  wire.mend()
}

test('a token file that is replaced while the cluster is followed: it goes on with the new one', async () => {
  await using wire = await Wire.to(plane.server.url)
  const old = await token(short)
  const tokenFile = await written('rotated', old)
  using following = await followed(await plane.kubeconfig('rotating', { server: wire.url, user: { tokenFile } }))
  await following.reached('connected')
  await expired(old, wire, async () => written('rotated', await token(long)))
  await following.reached('connected', 30)
  await isUpToDate(following)
  expect(problems(following)).not.toContain('unauthorized')
})

test('a credential program runs once more when its token has expired, however many lists there are', async () => {
  await using wire = await Wire.to(plane.server.url)
  const old = await token(short)
  const answer = await written('renewed', credential({ token: old }))
  using following = await followed(await plane.kubeconfig('renewing', { server: wire.url, user: program(answer) }))
  await following.reached('connected')
  expect(runsOf(answer)).toBe(1)
  await expired(old, wire, async () => written('renewed', credential({ token: await token(long) })))
  await following.reached('connected', 30)
  await isUpToDate(following)
  expect(runsOf(answer)).toBe(2)
  expect(problems(following)).not.toContain('unauthorized')
})

test('a token that expires asks to sign in again; the repaired kubeconfig connects without a restart', async () => {
  await using wire = await Wire.to(plane.server.url)
  const old = await token(short)
  const login = { server: wire.url, user: { token: old } }
  using following = await followed(await plane.kubeconfig('expiring', login))
  await following.reached('connected')
  const known = following.names('Pod')
  await expired(old, wire, async () => {})
  await eventually(
    'it asks to sign in again',
    () => following.connection.state,
    state => 'problem' in state && state.problem.kind === 'unauthorized',
    30,
  )
  expect(following.connection.state.kind).toBe('stale')
  expect(following.names('Pod')).toEqual(known)
  await plane.kubeconfig('expiring', { ...login, user: { token: await token(long) } })
  await following.connection.refresh()
  // An API server that has just started needs a while for its custom resources.
  await following.reached('connected', 30)
  await isUpToDate(following)
})

test.each<readonly [string, () => Promise<object>, () => Promise<object>]>([
  ['an expired token', async () => ({ token: await token(-long) }), async () => ({ token: await token(long) })],
  [
    'a certificate of another authority',
    async () => {
      const { certificate: chain, key } = await certificate('foreign', plane.site.mesh.root)
      return { 'client-certificate': chain, 'client-key': key }
    },
    async () => {
      const { certificate: chain, key } = await certificate('foreign')
      return { 'client-certificate': chain, 'client-key': key }
    },
  ],
  [
    'a program that fails',
    async () => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'false', interactiveMode: 'Never' } }),
    async () => program(await written('repaired', credential({ token: await token(long) }))),
  ],
])('%s is refused in words; once repaired, reading anew connects', async (_, broken, repaired) => {
  using following = await followed(await plane.kubeconfig('broken', { user: await broken() }))
  const { problem } = await following.reached('failed')
  expect(problem).toMatchObject({ kind: 'unauthorized', message: expect.stringContaining('"rig"'), remedy: expect.stringMatching(/\.$/) })
  await plane.kubeconfig('broken', { user: await repaired() })
  await following.connection.refresh()
  expect(following.connection.state).toMatchObject({ kind: 'connected', gaps: [] })
})

const problems = ({ states }: Followed) => states.flatMap(state => ('problem' in state ? [state.problem.kind] : []))
