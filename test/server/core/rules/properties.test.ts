// What holds for every document, however it is written.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { kinds } from '../../../../server/src/core/istio/schema/index.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { check, type Finding } from '../../../../server/src/core/rules/run.ts'
import { applyEdits } from '../../../../server/src/core/yaml/edit.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'
import { arbitraryObject } from '../../../support/arbitraryObject.ts'
import { jsonLines } from '../../../support/shared.ts'
import { everything } from './fixture.ts'

const recorded = jsonLines<{ readonly yaml: string }>(gunzipSync(readFileSync('test/oracles/data/validate.jsonl.gz')).toString('utf8'))
const text = fc.constantFrom(...recorded).map(({ yaml }) => yaml)
const runs = { numRuns: 300 }

function findingsOf(yaml: string): readonly Finding[] {
  const file = readFile('file:///a.yaml', yaml)
  return check(file, buildMesh({ files: file.resources, closedWorld: true }), everything)
}

/** What is found, wherever it stands. */
function gist(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ rule, severity, istio, refusedBy }) => `${rule} ${severity} ${istio} ${refusedBy}`).toSorted()
}

const yamlOf = (value: unknown, options = {}) =>
  stringify(value, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0, ...options })

test('random edits of real documents never throw', () => {
  const edit = fc.record({
    at: fc.nat(),
    length: fc.nat(6),
    put: fc.constantFrom('', ' ', '\n', '- ', ':', '{', ']', '"', 'null', 'yes', '*a', '&a ', '\t', '---\n'),
  })
  fc.assert(
    fc.property(text, fc.array(edit, { minLength: 1, maxLength: 4 }), (yaml, edits) => {
      const edited = edits.reduce((now, { at, length, put }) => {
        const start = at % (now.length + 1)
        return now.slice(0, start) + put + now.slice(start + length)
      }, yaml)
      findingsOf(edited)
    }),
    { numRuns: 1500 },
  )
})

test('findings do not depend on flow or block style, indentation, or JSON', () => {
  fc.assert(
    fc.property(arbitraryObject, object => {
      const block = gist(findingsOf(yamlOf(object)))
      expect(gist(findingsOf(yamlOf(object, { indent: 4, indentSeq: false })))).toEqual(block)
      expect(gist(findingsOf(yamlOf(object, { collectionStyle: 'flow' })))).toEqual(block)
      expect(gist(findingsOf(JSON.stringify(object)))).toEqual(block)
      expect(gist(findingsOf(JSON.stringify(object, null, 2)))).toEqual(block)
    }),
    runs,
  )
})

test('findings do not depend on the order of keys', () => {
  fc.assert(
    fc.property(arbitraryObject, object => {
      expect(gist(findingsOf(yamlOf(reversed(object))))).toEqual(gist(findingsOf(yamlOf(object))))
    }),
    runs,
  )
})

test('findings do not depend on the served version', () => {
  fc.assert(
    fc.property(arbitraryObject, object => {
      const versions = kinds.find(({ kind, group }) => kind === object.kind && object.apiVersion.startsWith(group))?.versions ?? []
      const [first, ...others] = versions.map(version =>
        gist(findingsOf(yamlOf({ ...object, apiVersion: object.apiVersion.replace(/[^/]+$/, version) }))).filter(
          each => !each.startsWith('older-api-version'),
        ),
      )
      for (const other of others) expect(other).toEqual(first)
    }),
    runs,
  )
})

test('findings do not depend on the order of documents, nor on standing in a List', () => {
  const named = fc
    .array(arbitraryObject, { minLength: 2, maxLength: 3 })
    .map(objects => objects.map((each, index) => ({ ...each, metadata: { name: `n${index}`, namespace: 'shop' } })))
  fc.assert(
    fc.property(named, objects => {
      const inOrder = gist(findingsOf(objects.map(each => yamlOf(each)).join('---\n')))
      expect(
        gist(
          findingsOf(
            objects
              .toReversed()
              .map(each => yamlOf(each))
              .join('---\n'),
          ),
        ),
      ).toEqual(inOrder)
      expect(gist(findingsOf(yamlOf({ apiVersion: 'v1', kind: 'List', items: objects })))).toEqual(inOrder)
    }),
    runs,
  )
})

test('each fix leaves a document that can be read and no longer has that finding', () => {
  const either = fc.oneof(
    text,
    arbitraryObject.map(object => yamlOf(object)),
  )
  fc.assert(
    fc.property(either, yaml => {
      const before = findingsOf(yaml)
      const syntax = parseYaml(yaml).flatMap(({ problems }) => problems).length
      for (const { rule, fixes } of before) {
        for (const { title, edits } of fixes) {
          const fixed = applyEdits(yaml, edits)
          expect(parseYaml(fixed).flatMap(({ problems }) => problems).length, `${rule}: ${title}`).toBeLessThanOrEqual(syntax)
          const left = (findings: readonly Finding[]) => findings.filter(each => each.rule === rule).length
          expect(left(findingsOf(fixed)), `${rule}: ${title}`).toBeLessThan(left(before))
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('fixing everything twice is fixing it once', () => {
  fc.assert(
    fc.property(text, yaml => {
      const once = fixAll(yaml)
      expect(fixAll(once)).toBe(once)
    }),
    runs,
  )
})

/** Applies the only fix of each finding, as `check --fix` does, until there is none. */
function fixAll(yaml: string): string {
  let now = yaml
  for (let round = 0; round < 20; round++) {
    const edits = findingsOf(now).find(({ fixes }) => fixes.length === 1)?.fixes[0]?.edits
    if (!edits) return now
    now = applyEdits(now, edits)
  }
  return now
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, reversed(each)]),
  )
}

test('the printer of these tests says what was meant', () => {
  const tricky = { a: 'y', b: '8080', c: 'null', d: '~', e: '010', f: '1e3', g: '', h: ' x' }
  expect(parse(yamlOf(tricky), { version: '1.1' })).toEqual(tricky)
})
