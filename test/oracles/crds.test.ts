// Every field of our schemas, held against Istio's CRDs of four releases and against the types that others made from them.
import { afterAll, describe, expect, test } from 'vitest'
import { isTold } from '../../server/src/core/istio/cel/rules.ts'
import { kinds } from '../../server/src/core/istio/schema/index.ts'
import { sharedText } from '../support/shared.ts'
import { compareShapes, type Difference, type Fact } from './compareShapes.ts'
import { type Definition, definitionsIn } from './crd.ts'
import { type Allowed, allowed } from './crdsAllowed.ts'
import { modelOf, modelsVersion } from './kubernetesModels.ts'
import { type Facts, type Shape, shapeOf } from './shape.ts'

const everyFact: readonly Fact[] = ['type', 'format', 'words', 'required', 'min', 'max', 'pattern', 'positive', 'uniqueBy', 'oneOf']

/** Oldest first. What stands on the main branch is newer than every release. */
const releases = [
  { release: '1.24.6', minor: 24 },
  { release: '1.27.9', minor: 27 },
  { release: '1.29.6', minor: 29 },
  { release: 'master', minor: Number.POSITIVE_INFINITY },
].flatMap(each => {
  const text = sharedText(`data/crds/istio-${each.release}.yaml`)
  return text === undefined ? [] : [{ ...each, definitions: definitionsIn(text) }]
})

const shapes = kinds.filter(({ group }) => group.endsWith('istio.io')).map(each => ({ ...each, shape: shapeOf(each.schema) }))
const used = new Set<Allowed>()
const totals = new Map<
  string,
  { readonly fields: number; readonly compared: number; readonly agreed: number; readonly deliberate: number }
>()

/** The counts are printed, so that a comparison that lost its subject is seen. */
afterAll(() => {
  for (const [judge, { fields, compared, agreed, deliberate }] of totals) {
    console.log(`${judge}: ${fields} fields, ${compared} facts compared, ${agreed} agree, ${deliberate} differ on purpose`)
  }
})

describe.each(releases)('CRDs of $release', ({ release, minor, definitions }) => {
  const defined = shapes.flatMap(each => {
    const definition = definitions.find(({ group, kind }) => group === each.group && kind === each.kind)
    return definition ? [{ ...each, definition }] : []
  })

  test.each(defined)('$kind has the same fields', ({ kind, shape, definition }) => {
    for (const [version, theirs] of definition.shapes) agree(release, kind, version, shape, theirs, everyFact, minor)
  })

  test.each(defined)('$kind is served in the same versions', ({ versions, definition }) => {
    expect([...definition.shapes.keys()].toSorted()).toEqual(versions.toSorted())
  })

  test('have no CEL rule that nobody speaks of', () => {
    const described = definitions.filter(({ kind }) => shapes.some(each => each.kind === kind))
    expect([...new Set(described.flatMap(({ rules }) => rules))].filter(rule => !isTold(rule))).toEqual([])
  })
})

test.skipIf(releases.length === 0)('every field is as old as it is said to be', () => {
  const wrong = shapes.flatMap(({ kind, shape }) => [...shape].flatMap(([path, facts]) => misdated(kind, path, facts)))
  expect(wrong).toEqual([])
})

test.each(shapes)('the types of others know the fields of $kind', ({ group, kind, versions, shape }) => {
  const minor = modelsVersion()
  for (const version of versions) {
    const theirs = modelOf(group, version, kind)
    expect(theirs?.size, `${version} is there`).toBeGreaterThan(0)
    if (theirs) agree('@kubernetes-models/istio', kind, version, withPlainNumbers(shape), theirs, ['type', 'words', 'required'], minor)
  }
})

test.skipIf(releases.length === 0)('every allowed difference is there', () => {
  expect(allowed.filter(each => !used.has(each))).toEqual([])
})

function agree(judge: string, kind: string, version: string, ours: Shape, theirs: Shape, facts: readonly Fact[], minor: number): void {
  const { fields, facts: compared, differences } = compareShapes(ours, theirs, facts, minor)
  const unexplained = differences.filter(difference => !isAllowed(judge, kind, difference))
  const total = totals.get(judge) ?? { fields: 0, compared: 0, agreed: 0, deliberate: 0 }
  totals.set(judge, {
    fields: total.fields + fields,
    compared: total.compared + compared,
    agreed: total.agreed + compared - differences.filter(({ fact }) => fact !== 'field').length,
    deliberate: total.deliberate + differences.length - unexplained.length,
  })
  expect(compared).toBeGreaterThan(0)
  expect(unexplained, `${judge} ${kind} ${version}`).toEqual([])
}

function isAllowed(judge: string, kind: string, { path, fact }: Difference): boolean {
  const entry = allowed.find(
    each => each.kind === kind && path.endsWith(each.path) && each.facts.includes(fact) && (each.judges?.includes(judge) ?? true),
  )
  if (entry) used.add(entry)
  return entry !== undefined
}

/** TypeScript has one kind of number. */
function withPlainNumbers(shape: Shape): Shape {
  return new Map([...shape].map(([path, facts]) => [path, facts.type === 'integer' ? { ...facts, type: 'number' } : facts]))
}

/** A field came after the last release without it, and not after the first with it. Only kinds that the release has can tell. */
function misdated(kind: string, path: string, { since }: Facts): readonly string[] {
  const seen = releases.flatMap(({ release, minor, definitions }) => {
    const definition = definitions.find(each => each.kind === kind)
    return definition ? [{ release, minor, has: has(definition, path) }] : []
  })
  const first = seen.findIndex(({ has }) => has)
  const without = seen[first - 1]
  const here = seen[first]
  if (!here || !without) return []
  const minor = since === undefined ? 0 : Number(since.split('.')[1])
  return minor > without.minor && minor <= here.minor
    ? []
    : [`${kind} ${path}: since ${since}, but it is in ${here.release} and not in ${without.release}`]
}

function has(definition: Definition, path: string): boolean {
  return [...definition.shapes.values()].some(shape => shape.has(path))
}
