// The sample workspace says what the running mesh has, apart from the files that exist to be repaired; its tasks run what the demo understands.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../demo/api/object.ts'
import { liveCommands } from '../../demo/commands.ts'
import { bank } from '../../demo/mesh/bank.ts'
import { billing } from '../../demo/mesh/billing.ts'
import { shop } from '../../demo/mesh/shop.ts'
import { tutorial } from '../../demo/mesh/tutorial.ts'

const folder = new URL('../../demo/workspace/', import.meta.url)
const files = readdirSync(folder, { recursive: true })
  .map(String)
  .filter(name => name.endsWith('.yaml') && !name.endsWith('.istio-test.yaml'))
  .sort()
const documents = files.flatMap(file =>
  parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map(document => ({ file, object: document.toJS() as KubeObject })),
)
const running = [...bank, ...billing, ...shop, ...tutorial]
const inMesh = ({ kind, metadata }: KubeObject) =>
  running.find(other => other.kind === kind && other.metadata.namespace === metadata.namespace && other.metadata.name === metadata.name)

test('only the files to repair are not in the mesh', () => {
  const unknown = documents.filter(({ object }) => !inMesh(object)).map(({ file }) => file)
  expect(unknown).toEqual([
    'billing/archive.yaml',
    'billing/invoicer.yaml',
    'shop/cart.yaml',
    'shop/refunds.yaml',
    'shop/storefront.yaml',
    'shop/storefront.yaml',
  ])
})

/** Changed in the mesh by hand: what a comparison of files and cluster shows. */
const drifted = ['shop/backend.yaml']

test.each(documents.filter(({ file, object }) => inMesh(object) && !drifted.includes(file)))(
  '$object.metadata.name of $file is the policy of the mesh',
  ({ object }) => {
    expect(object.spec).toEqual(inMesh(object)?.spec)
  },
)

test.each(drifted)('%s differs from the mesh', file => {
  const [document] = documents.filter(each => each.file === file)
  expect(document?.object.spec).not.toEqual(document && inMesh(document.object)?.spec)
})

test('each live command has a task, and each task a live command', () => {
  const { tasks } = JSON.parse(readFileSync(new URL('.vscode/tasks.json', folder), 'utf8')) as { tasks: { args: string[] }[] }
  expect(tasks.map(({ args }) => args.at(-1)).sort()).toEqual(Object.keys(liveCommands).sort())
})
