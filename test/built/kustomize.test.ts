// Kustomize trees and Helm charts on the disk: the command line and the language server judge each file as what it is there.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DidChangeWatchedFilesNotification, FileChangeType, type FileEvent } from 'vscode-languageserver-protocol/node'
import { eventually } from '../support/eventually.ts'
import { LanguageServer } from '../support/languageServer.ts'
import { run } from './commandLine.ts'

const object = (kind: string, spec: object) =>
  `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata: { name: checkout, namespace: shop }\nspec: ${JSON.stringify(spec)}\n`

/** Without the host that it needs, and with a word that no mode is. */
const partial = object('DestinationRule', { trafficPolicy: { tls: { mode: 'SIMPEL' } } })
const whole = ['missing-field', 'unknown-value']
const certain = ['unknown-value']

const tree = {
  'base/kustomization.yaml': 'resources: [patch-destination.yaml]\n',
  'base/patch-destination.yaml': partial,
  'overlays/prod/kustomization.yaml': 'resources: [../../base]\ncomponents: [../../tls]\npatches:\n  - path: ../simple.yaml\n',
  'overlays/simple.yaml': partial,
  'overlays/prod/unlisted.yaml': partial,
  'tls/Kustomization': 'kind: Component\npatchesStrategicMerge: [deep/mode.yaml]\n',
  'tls/deep/mode.yaml': partial,
  'plain/patch-destination.yaml': partial,
  'chart/Chart.yaml': `${partial}version: 1.0.0\n`,
  'chart/values.yaml': partial,
  'chart/values-prod.yaml': partial,
  'chart/templates/destination.yaml': partial.replace('{ name: checkout', '{ name: {{ .Release.Name }}'),
} as const

type Path = keyof typeof tree

const expected: Readonly<Record<Path, readonly string[]>> = {
  'base/kustomization.yaml': [],
  'base/patch-destination.yaml': whole,
  'overlays/prod/kustomization.yaml': [],
  'overlays/simple.yaml': [],
  'overlays/prod/unlisted.yaml': whole,
  'tls/Kustomization': [],
  'tls/deep/mode.yaml': [],
  'plain/patch-destination.yaml': certain,
  'chart/Chart.yaml': [],
  'chart/values.yaml': [],
  'chart/values-prod.yaml': [],
  'chart/templates/destination.yaml': whole,
}

const paths = Object.keys(tree) as readonly Path[]
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'istio-security-kustomize-'))
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), tree[path])
  }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Report {
  readonly findings: readonly { readonly rule: string; readonly file: string }[]
}

async function found(...args: readonly string[]): Promise<Record<string, readonly string[]>> {
  const { out } = await run(['check', '--format', 'json', ...args], { cwd: folder })
  const { findings } = JSON.parse(out) as Report
  return Object.fromEntries(
    paths.map(path => [
      path,
      findings
        .filter(({ file }) => file === path)
        .map(({ rule }) => rule)
        .toSorted(),
    ]),
  )
}

describe('check', () => {
  test('of a folder judges a patch not at all and a resource as a whole', async () => {
    expect(await found('.')).toEqual(expected)
  })

  test.each<readonly [Path, readonly string[]]>([
    ['tls/deep/mode.yaml', []],
    ['base/patch-destination.yaml', whole],
    ['plain/patch-destination.yaml', certain],
  ])('of %s alone asks the kustomizations beside and above it', async (path, rules) => {
    expect((await found(path))[path]).toEqual(rules)
  })

  test('of a file alone cannot know of a kustomization elsewhere', async () => {
    expect((await found('overlays/simple.yaml'))['overlays/simple.yaml']).toEqual(whole)
    expect((await found('overlays'))['overlays/simple.yaml']).toEqual([])
  })
})

test('the editor judges files as the command line does, and follows the kustomization', async () => {
  const server = await LanguageServer.start({
    folders: [folder],
    capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
  })
  try {
    const open = (path: Path) => server.open(tree[path], pathToFileURL(join(folder, path)).href)
    const uris = new Map(paths.map(path => [path, open(path)]))
    const rulesIn = async (path: Path) => (await server.diagnose(uris.get(path) ?? '')).map(({ code }) => String(code)).toSorted()
    for (const path of paths) expect([path, await rulesIn(path)]).toEqual([path, expected[path]])
    const kustomization = join(folder, 'overlays/prod/kustomization.yaml')
    writeFileSync(kustomization, 'resources: [../simple.yaml]\npatches: [{ path: unlisted.yaml }]\n')
    const changes: FileEvent[] = [{ uri: pathToFileURL(kustomization).href, type: FileChangeType.Changed }]
    await server.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes })
    await eventually(
      'the files have changed places',
      async () => [await rulesIn('overlays/simple.yaml'), await rulesIn('overlays/prod/unlisted.yaml')],
      ([resource, patch]) => resource?.join() === whole.join() && patch?.length === 0,
    )
  } finally {
    await server.stop()
  }
})
