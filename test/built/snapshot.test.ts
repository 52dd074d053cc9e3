// `istio-security snapshot` as a shell starts it: what the snapshot answers is what the cluster answers.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { run } from './commandLine.ts'

const folder = mkdtempSync(join(tmpdir(), 'istio-security-snapshot-'))
const kubeconfig = join(folder, 'kubeconfig')
const written = join(folder, 'mesh.yaml')
let demo: Demo

beforeAll(async () => {
  demo = await startDemo()
  writeFileSync(kubeconfig, demo.kubeconfig())
  expect(await run(['snapshot', '--kubeconfig', kubeconfig, '--out', written])).toMatchObject({ code: 0, out: '' })
})

afterAll(async () => {
  await demo.close()
  rmSync(folder, { recursive: true, force: true })
})

test.each([
  ['authorize', ['authorize', '--to', 'shop/checkout:8080', '--from', 'shop/frontend', '--method', 'GET', '--path', '/']],
  ['authorize in ambient', ['authorize', '--to', 'bank/accounts:8080', '--from', 'shop/frontend', '--tcp']],
  ['access', ['access', '--to', 'shop/checkout']],
  ['mtls', ['mtls', '--format', 'json']],
  ['check', ['check', 'demo/workspace', '--fail-on', 'never', '--format', 'json']],
] as const)('%s answers the same', async (_, args) => {
  const [live, later] = [await run([...args, '--kubeconfig', kubeconfig]), await run([...args, '--mesh', written])]
  const answer = ({ out, code }: typeof live) => ({ code, out: out.replace(/^ *If these files are everything.*\n/m, '') })
  expect(answer(later)).toEqual(answer(live))
})

test('on standard output it is what the file is, but for its time', async () => {
  const { out, err, code } = await run(['snapshot', '--kubeconfig', kubeconfig])
  const timeless = (text: string) => text.replace(/taken: .*/, '')
  expect([code, err, timeless(out)]).toEqual([0, '', timeless(readFileSync(written, 'utf8'))])
})

test('a name that ends in .json is written as JSON, with other names where they are wanted', async () => {
  const file = join(folder, 'mesh.json')
  expect((await run(['snapshot', '--kubeconfig', kubeconfig, '--pseudonyms', '--out', file])).code).toBe(0)
  const text = readFileSync(file, 'utf8')
  expect(JSON.parse(text).items.length).toBeGreaterThan(50)
  expect(text).not.toMatch(/checkout|frontend|billing|bookinfo|productpage/)
  expect((await run(['mtls', '--mesh', file])).out.split('\n').length).toBe((await run(['mtls', '--mesh', written])).out.split('\n').length)
})

test('nobody else may read it, and nothing is left beside it', () => {
  expect(statSync(written).mode & 0o077).toBe(0)
  expect(readdirSync(folder).filter(name => name.endsWith('.tmp'))).toEqual([])
})

test('Secrets are not asked for', () => {
  expect(demo.requests.filter(({ resource }) => resource === 'secrets')).toEqual([])
})

describe('what may not be listed', () => {
  test('is said, and stays unknown in the snapshot', async () => {
    const file = join(folder, 'narrow.yaml')
    const { code, err } = await run(['snapshot', '--kubeconfig', kubeconfig, '--context', 'demo-narrow', '--out', file])
    expect([code, err]).toEqual([0, expect.stringContaining('Your account may not list pods')])
    const asked = ['authorize', '--to', 'billing/ledger-0:8080', '--plaintext']
    const live = await run([...asked, '--kubeconfig', kubeconfig, '--context', 'demo-narrow'])
    const later = await run([...asked, '--mesh', file, '--closed-world'])
    expect([later.code, later.out]).toEqual([live.code, live.out])
  })
})

test('without a cluster nothing is written', async () => {
  const file = join(folder, 'none.yaml')
  const { code, err } = await run(['snapshot', '--kubeconfig', join(folder, 'none'), '--out', file])
  expect([code, err.startsWith('istio-security: '), existsSync(file)]).toEqual([2, true, false])
})

test('where it cannot be written one line says so', async () => {
  const { code, err } = await run(['snapshot', '--kubeconfig', kubeconfig, '--out', join(folder, 'no', 'such', 'folder.yaml')])
  expect([code, err]).toEqual([2, expect.stringContaining('cannot write')])
})
