// A file that is applied already stands over its own objects in the cluster: none of them is in the way of itself.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { readObject } from '../../../../server/src/core/istio/read.ts'
import { buildMesh, ClusterLayer } from '../../../../server/src/core/mesh/build.ts'
import { rules } from '../../../../server/src/core/rules/index.ts'
import { check } from '../../../../server/src/core/rules/run.ts'
import { everything, judged } from './fixture.ts'

const folder = 'test/fixtures/rules'
const examples = [
  ...readdirSync(folder).map(name => [name, readFileSync(`${folder}/${name}`, 'utf8')] as const),
  ...rules.flatMap(({ id, good, bad }) => [[`${id}, good`, good] as const, [`${id}, bad`, bad] as const]),
]

/** As the API server has them: all of one age but for their order. */
function applied(text: string): ClusterLayer {
  const objects = parseAllDocuments(text).flatMap((document, index) => {
    const object = document.toJS({ maxAliasCount: 100 })
    if (typeof object?.metadata !== 'object' || object.metadata === null) return []
    const namespace = 'namespace' in object.metadata || object.kind === 'Namespace' ? {} : { namespace: 'default' }
    const creationTimestamp = new Date(Date.UTC(2026, 0, 1, 0, index)).toISOString()
    const stored = { ...object, metadata: { ...object.metadata, ...namespace, creationTimestamp } }
    return readObject(stored, { from: 'cluster', context: 'prod' }) ?? []
  })
  return new ClusterLayer({ objects, complete: () => true })
}

test.each(examples)('%s', (_, text) => {
  const file = readFile('file:///fixture.yaml', text)
  const mesh = buildMesh({ files: file.resources, cluster: applied(text), closedWorld: false })
  const places = (findings: readonly { readonly rule: string; readonly span: { readonly start: number } }[]) =>
    findings.map(({ rule, span }) => `${rule} at ${text.slice(0, span.start).split('\n').length}`)
  const alone = new Set(places(judged(text, true).findings))
  expect(places(check(file, mesh, everything)).filter(each => !alone.has(each))).toEqual([])
})
