import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../../server/src/core/mesh/mesh.ts'
import { rules } from '../../../../server/src/core/rules/index.ts'
import { check } from '../../../../server/src/core/rules/run.ts'
import { applyEdits } from '../../../../server/src/core/yaml/edit.ts'
import { everything, expectedIn, found, judged } from './fixture.ts'

const folder = 'test/fixtures/rules'
const files = readdirSync('server/src/core/rules', { recursive: true, encoding: 'utf8' })
const fixtures = readdirSync(folder).map(name => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }))

describe.each(fixtures)('$name', ({ text }) => {
  test('has a finding where a caret stands, and nowhere else', () => {
    const { file, findings } = judged(text, true)
    const actual = found(file, findings)
    const expected = expectedIn(text)
    const place = ({ line, from, to, rule }: (typeof expected)[number]) => `${line + 1}:${from}-${to} ${rule}`
    expect(actual.map(place)).toEqual(expected.toSorted((a, b) => a.line - b.line || a.from - b.from).map(place))
    for (const { line, from, message } of expected) {
      expect(actual.find(each => each.line === line && each.from === from)?.message).toContain(message)
    }
  })

  test('says nothing from absence when nothing is known beside the file', () => {
    const file = readFile('file:///fixture.yaml', text)
    for (const rule of rules) {
      let asked = false
      const mesh = listening(buildMesh({ files: file.resources, closedWorld: false }), () => {
        asked = true
      })
      const findings = check(file, mesh, only(rule.id))
      if (asked) expect(findings, rule.id).toEqual([])
    }
  })

  test('loses each finding by each of its fixes', () => {
    const { findings } = judged(text, true)
    for (const finding of findings) {
      for (const { title, edits } of finding.fixes) {
        const after = judged(applyEdits(text, edits), true)
        const left = after.findings.filter(each => each.rule === finding.rule).length
        expect(left, `${finding.rule}: ${title}`).toBeLessThan(findings.filter(each => each.rule === finding.rule).length)
      }
    }
  })
})

describe.each(rules.map(rule => ({ id: rule.id, rule })))('$id', ({ id, rule }) => {
  test('finds its bad example and not its good one', () => {
    expect(judged(rule.bad, true).findings.map(each => each.rule)).toContain(id)
    expect(judged(rule.good, true).findings.map(each => each.rule)).not.toContain(id)
    expect(judged(rule.good, false).findings).toEqual([])
  })

  test('is named and documented', () => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/)
    expect(files.filter(path => path.endsWith(`/${id}.ts`))).toHaveLength(1)
    expect(existsSync(`${folder}/${id}.yaml`)).toBe(true)
    for (const sentence of [rule.summary, rule.why]) expect(sentence).toMatch(/^\S.*\.$/)
  })
})

function only(id: string) {
  return { ...everything, severities: Object.fromEntries(rules.filter(rule => rule.id !== id).map(rule => [rule.id, 'off' as const])) }
}

/** A mesh that tells when somebody asks whether things are complete or absent. */
function listening(mesh: Mesh, heard: () => void): Mesh {
  const tell =
    <A extends readonly unknown[], R>(ask: (...args: A) => R) =>
    (...args: A): R => {
      heard()
      return ask(...args)
    }
  return { ...mesh, complete: tell(mesh.complete), presence: tell(mesh.presence), identity: tell(mesh.identity) }
}
