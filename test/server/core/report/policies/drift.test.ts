import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFile } from '../../../../../server/src/core/istio/file.ts'
import { readObject } from '../../../../../server/src/core/istio/read.ts'
import { driftOf, pathText } from '../../../../../server/src/core/report/policies/drift.ts'
import { fromJson, type Node } from '../../../../../server/src/core/yaml/tree.ts'
import { writeYaml } from '../../../../../server/src/core/yaml/write.ts'
import { arbitraryObject } from '../../../../support/arbitraryObject.ts'
import { clusterObjects } from '../../../../support/mesh.ts'

const policy = (spec: string, metadata = '') => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop${metadata} }
spec: ${spec}
`
const peer = (spec: string) => policy(spec).replace('AuthorizationPolicy', 'PeerAuthentication')

function drift(file: string, cluster: string): readonly string[] | undefined {
  const [live] = clusterObjects(cluster)
  if (!live) throw new Error('no object')
  return driftOf(readFile('file:///pay.yaml', file).documents[0]?.root, live)?.map(pathText)
}

describe('the same', () => {
  test.each([
    ['order and quotes', policy('{ action: "DENY", rules: [{}] }'), policy("{ rules: [{}], action: 'DENY' }")],
    ['the default action', policy('{ rules: [{}] }'), policy('{ action: ALLOW, rules: [{}] }')],
    ['no rules and an empty list of them', policy('{ action: DENY }'), policy('{ action: DENY, rules: [] }')],
    ['null', policy('{ action: DENY, selector: null }'), policy('{ action: DENY }')],
    ['nothing', policy(''), policy('{}').replace('spec: {}', '')],
    ['an empty map of ports', peer('{ mtls: { mode: STRICT }, portLevelMtls: {} }'), peer('{ mtls: { mode: STRICT } }')],
    ['a port as key', peer('{ portLevelMtls: { 80: { mode: STRICT } } }'), peer('{ portLevelMtls: { "80": { mode: STRICT } } }')],
    ['UNSET', peer('{ mtls: {} }'), peer('{ mtls: { mode: UNSET } }')],
    ['the served version', policy('{}').replace('/v1', '/v1beta1'), policy('{}')],
    ['labels that nobody reads', policy('{}', ', labels: { team: a }'), policy('{}')],
    [
      'a dry run by another word',
      policy('{}', ', annotations: { istio.io/dry-run: "1" }'),
      policy('{}', ', annotations: { istio.io/dry-run: "true" }'),
    ],
    ['a switch that is off', policy('{}', ', annotations: { istio.io/dry-run: "false" }'), policy('{}')],
    [
      'a value to fill in',
      policy('{ selector: { matchLabels: { app: "${APP}" } } }'),
      policy('{ selector: { matchLabels: { app: pay } } }'),
    ],
  ])('%s', (_, file, cluster) => expect(drift(file, cluster)).toEqual([]))
})

describe('another', () => {
  test.each([
    ['action', policy('{ rules: [{}] }'), policy('{ action: DENY, rules: [{}] }'), ['spec.action']],
    [
      'value',
      policy('{ rules: [{ to: [{ operation: { methods: [GET] } }] }] }'),
      policy('{ rules: [{ to: [{ operation: { methods: [POST] } }] }] }'),
      ['spec.rules[0].to[0].operation.methods[0]'],
    ],
    ['rule', policy('{ rules: [{}, {}] }'), policy('{ rules: [{}] }'), ['spec.rules']],
    ['rule that matches everything', policy('{ rules: [{}] }'), policy('{ rules: [] }'), ['spec.rules']],
    ['selector, though empty', policy('{ selector: {} }'), policy('{}'), ['spec.selector']],
    ['dry run', policy('{}'), policy('{}', ', annotations: { istio.io/dry-run: "true" }'), ['metadata.annotations.istio.io/dry-run']],
    ['revision', policy('{}', ', labels: { istio.io/rev: canary }'), policy('{}'), ['metadata.labels.istio.io/rev']],
  ])('%s', (_, file, cluster, paths) => expect(drift(file, cluster)).toEqual(paths))
})

test('nothing is said of another kind', () => expect(drift(peer('{}'), policy('{}'))).toBeUndefined())

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** As an API server serves it: fields sorted, nulls of fields gone, its own metadata added. */
function served(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(each => (each === null ? null : served(each)))
  if (value === null || typeof value !== 'object') return value
  const fields = Object.entries(value).filter(([, each]) => each !== null && each !== undefined)
  return Object.fromEntries(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, served(each)]))
}

function stored(object: { readonly metadata: object }): unknown {
  return served({
    ...object,
    metadata: {
      ...object.metadata,
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-11-01T08:00:00Z',
      managedFields: [{}],
    },
    status: {},
  })
}

function written(object: unknown): Node | undefined {
  return readFile('file:///x.yaml', writeYaml(object).text).documents[0]?.root
}

/** Every scalar in the spec, with a copy of the object in which it is another one. */
function* changes(value: Json): Generator<Json> {
  if (value === null) return
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) for (const changed of changes(each)) yield value.with(index, changed)
  } else if (typeof value === 'object') {
    for (const [name, each] of Object.entries(value)) for (const changed of changes(each)) yield { ...value, [name]: changed }
  } else yield typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : `${value}x`
}

const live = { from: 'cluster', context: 'prod' } as const

test('what was applied and is served back has no drift; with any leaf changed it has', () => {
  fc.assert(
    fc.property(arbitraryObject, object => {
      const cluster = readObject(stored(object), live)
      fc.pre(cluster !== undefined)
      expect(driftOf(written(object), cluster)).toEqual([])
      expect(driftOf(fromJson(JSON.parse(JSON.stringify(object))), cluster)).toEqual([])
      for (const spec of changes(object.spec as Json)) {
        expect(driftOf(fromJson({ ...object, spec }), cluster)).toHaveLength(1)
      }
    }),
    { numRuns: 300 },
  )
})
