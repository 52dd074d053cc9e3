// Documents of every kind, half typed, huge, foreign or nowhere: always an answer, never an exception, and no memory kept.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LanguageServer } from '../support/languageServer.ts'

let server: LanguageServer
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'istio-security-documents-'))
  server = await LanguageServer.start()
})
afterEach(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
  expect(server.streamErrors).toEqual([])
  expect(server.standardError).toBe('')
  expect(server.log.filter(line => /\n\s+at /.test(line))).toEqual([])
})

const spiffe = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pay
  namespace: shop
spec:
  rules:
    - from:
        - source:
            principals: ["spiffe://cluster.local/ns/shop/sa/frontend"]
`

/** Everything an editor asks while somebody types. */
async function ask(uri: string, text: string) {
  const lines = text.split('\n')
  const end = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 }
  const asked = [server.complete(uri, end), server.hover(uri, end), server.codeActions(uri, { start: { line: 0, character: 0 }, end })]
  await Promise.all(asked)
  return server.diagnose(uri)
}

test.each(['shop/db.yaml', 'bank/accounts.yaml', 'billing/peer-authentication.yaml'])('%s typed letter by letter', async name => {
  const text = readFileSync(fileURLToPath(new URL(`../../demo/workspace/${name}`, import.meta.url)), 'utf8')
  const uri = server.open('')
  for (let end = 0; end <= text.length; end++) {
    server.change(uri, text.slice(0, end))
    await ask(uri, text.slice(0, end))
  }
  expect(await server.diagnose(uri)).toEqual([])
})

test.each([
  ['tabs', 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nspec:\n\tmtls:\n\t\tmode: STRICT\n', (count: number) => count > 0],
  [
    'a Helm template',
    '{{- if .Values.strict }}\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  mtls: {{ toYaml .Values.mtls | nindent 4 }}\n{{- end }}\n',
    (count: number) => count === 0,
  ],
  ['a compose file', 'services:\n  web:\n    image: "nginx\n', (count: number) => count === 0],
  [
    'control characters and lone surrogates',
    'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: "\u0000\ud800\u0007" }\n',
    (count: number) => count >= 0,
  ],
  [
    'a million aliases',
    `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\na: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefgh'].map((letter, index) => `${letter}: &${letter} [${Array(9).fill(`*${'abcdefgh'[index]}`)}]\n`).join('')}`,
    (count: number) => count >= 0,
  ],
  ['deep nesting', `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nspec: ${'['.repeat(3000)}`, (count: number) => count >= 0],
  ['a thousand mistakes', spiffe.replace(/\[.*\]/, `[${Array(1000).fill('spiffe://a/ns/b/sa/c')}]`), (count: number) => count > 0],
])('%s', async (_, text, holds) => {
  const found = await ask(server.open(text), text)
  expect(found.length).toSatisfy(holds)
})

test.each([
  ['other YAML', 'values:\n', '  - name: some quite ordinary entry of a list\n    value: 12345\n'],
  ['policies', '', `${spiffe}---\n`],
])('five megabytes of %s are answered', async (name, head, entry) => {
  const text = head + entry.repeat(Math.ceil(5_000_000 / entry.length))
  const started = performance.now()
  const uri = server.open(text)
  const found = await server.diagnose(uri)
  console.log(`5 MB of ${name}: ${found.length} findings after ${Math.round(performance.now() - started)} ms`)
  expect(await server.diagnose(server.open(spiffe))).toHaveLength(1)
})

test.each(['untitled:Untitled-1', 'git:/work/pay.yaml?%7B%22ref%22%3A%22~%22%7D', 'vscode-vfs://github/a/b.yaml', 'nonsense'])(
  'a document at %s is judged',
  async uri => {
    server.open(spiffe, uri)
    expect(await server.diagnose(uri)).toMatchObject([{ code: 'spiffe-prefix' }])
    expect(await ask(uri, spiffe)).toHaveLength(1)
    server.close(uri)
    expect(await server.diagnose(uri)).toEqual([])
  },
)

test('the version of a file in a diff is no second policy beside it', async () => {
  const peer =
    'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: a, namespace: shop }\nspec: { mtls: { mode: STRICT } }\n'
  const path = pathToFileURL(join(folder, 'peer.yaml')).href
  const [file, older] = [server.open(peer, path), server.open(peer.replace('name: a', 'name: b'), path.replace('file:', 'git:'))]
  expect(await server.diagnose(file)).toEqual([])
  expect(await server.diagnose(older)).toBeDefined()
})

test('requests about documents and places that do not exist are answered', async () => {
  expect(await server.diagnose('file:///nope.yaml')).toEqual([])
  const uri = server.open(spiffe)
  const beyond = { line: 99_999, character: 99_999 }
  expect(await server.hover(uri, beyond)).toBe('')
  await server.complete(uri, beyond)
  await server.codeActions(uri, { start: beyond, end: beyond })
})

test('ten thousand documents leave no heap behind', async () => {
  const memory = () => Number(spawnSync('ps', ['-o', 'rss=', '-p', String(server.process.pid)], { encoding: 'utf8' }).stdout) / 1024
  const thousand = async () => {
    for (let index = 0; index < 1_000; index++) {
      const uri = server.open(spiffe)
      server.change(uri, spiffe.replace('frontend', `frontend-${index}`))
      if (index % 50 === 0) await server.diagnose(uri)
      server.close(uri)
    }
    await server.diagnose(server.open(spiffe, 'untitled:last'))
  }
  await thousand()
  const before = memory()
  for (let index = 0; index < 9; index++) await thousand()
  console.log(`memory: ${Math.round(before)} MB after 1,000 documents, ${Math.round(memory())} MB after 10,000`)
  expect(memory() - before).toBeLessThan(200)
})
