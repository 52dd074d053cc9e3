// Held against Istio's webhook, the CRDs, strict decoding and the API server's metadata check, judge by judge. The documents made for this
// project are in `data`; third-party ones are read from outside the repository.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { cel } from '../../server/src/core/istio/cel/cel.ts'
import { readFile } from '../../server/src/core/istio/file.ts'
import { buildMesh } from '../../server/src/core/mesh/build.ts'
import type { Judge } from '../../server/src/core/rules/rule.ts'
import { check, type Finding } from '../../server/src/core/rules/run.ts'
import { jsonLines, sharedCases } from '../support/shared.ts'
import { allowed, refused } from './validateAllowed.ts'

type Answer = 'accept' | 'warn' | 'reject'

interface Verdict {
  readonly webhook?: Answer
  readonly crd?: Answer
  readonly strictFields?: Answer
  readonly meta?: Answer
}

interface ValidateCase extends Verdict {
  readonly id: string
  readonly source?: string
  readonly yaml: string
  readonly webhookWarnings?: readonly string[]
}

interface RealFile {
  readonly id: string
  readonly path: string
  readonly form: 'plain' | 'helm' | 'kustomize'
  readonly role?: 'resource' | 'patch' | 'kustomization'
  readonly yaml: string
  readonly docs: readonly (Verdict & { readonly index: number; readonly legacy?: boolean })[]
}

const verdicts: readonly (readonly [Judge, keyof Verdict])[] = [
  ['webhook', 'webhook'],
  ['crd', 'crd'],
  ['strict', 'strictFields'],
  ['metadata', 'meta'],
]

const own = jsonLines<ValidateCase>(gunzipSync(readFileSync('test/oracles/data/validate.jsonl.gz')).toString('utf8'))
const thirdParty = sharedCases<ValidateCase>('validate.jsonl')?.filter(({ source }) => source !== 'generated')
const files = sharedCases<RealFile>('realworld.jsonl')

describe.each([
  { name: 'documents made for this project', cases: own },
  { name: 'documents of others', cases: thirdParty ?? [] },
])('$name', ({ name, cases }) => {
  const judged = cases.map(each => ({ ...each, findings: findingsOf(each.yaml) }))

  test.skipIf(judged.length === 0).each(verdicts)('the %s refuses what it is said to refuse, and nothing else', (judge, field) => {
    const asked = judged.filter(each => each[field] !== undefined)
    compare(
      `${name}, ${judge}`,
      asked,
      each => each[field] === 'reject',
      ({ findings }) => findings.some(({ refusedBy }) => refusedBy.includes(judge)),
    )
  })

  test.skipIf(judged.length === 0)('the webhook warns where it is said to warn', () => {
    const warns = ({ findings }: { readonly findings: readonly Finding[] }) => findings.some(({ istio }) => istio === 'warns')
    // Of a document it cannot decode the webhook knows nothing to warn of.
    const decoded = judged.filter(each => each.webhook === 'warn' || each.webhook === 'accept')
    compare(`${name}, warnings`, decoded, each => each.webhook === 'warn', warns)
  })

  test.skipIf(judged.length === 0)('what every judge accepts has no error', () => {
    const alarms = judged.filter(isAccepted).flatMap(({ id, findings }) => errorsOf(findings).map(({ rule }) => `${id} ${rule}`))
    expect(alarms).toEqual([])
  })
})

test('no case is allowed to differ that does not', () => {
  const wrong = [...allowed].filter(([, { seen }]) => !seen).map(([id]) => id)
  if (thirdParty) expect(wrong).toEqual([])
})

/** Prints how many agree; a difference needs an entry with its reason. */
function compare<C extends ValidateCase>(
  name: string,
  cases: readonly C[],
  theirs: (each: C) => boolean,
  ours: (each: C) => boolean,
): void {
  const different = cases.filter(each => theirs(each) !== ours(each))
  const excused = different.filter(({ id }) => allowed.has(id))
  for (const { id } of excused) Object.assign(allowed.get(id) ?? {}, { seen: true })
  const agreed = cases.length - different.length
  const yes = cases.filter(theirs).length
  console.log(`validate oracle, ${name}: ${cases.length} cases (${yes} yes), ${agreed} agreed, ${excused.length} allow-listed`)
  expect(different.filter(({ id }) => !allowed.has(id)).map(each => `${each.id} ${theirs(each) ? 'missed' : 'false alarm'}`)).toEqual([])
}

describe.skipIf(!files)('files people really wrote', () => {
  const judged = (files ?? []).map(each => ({ ...each, findings: findingsOf(each.yaml, each.path) }))
  const isPartial = ({ form, role }: RealFile) => form === 'helm' || role === 'patch' || role === 'kustomization'
  const recordsOf = ({ docs }: RealFile, document: number) => docs.filter(({ index }) => index === document)
  const told = ({ id, path }: RealFile, { document, rule, message }: Finding) => `${id} ${path} document ${document} ${rule}: ${message}`

  test('documents that every judge accepts have no error', () => {
    const whole = judged.filter(each => !isPartial(each))
    const errors = whole.flatMap(file =>
      errorsOf(file.findings)
        .filter(({ document }) => recordsOf(file, document).some(isAccepted))
        .map(finding => told(file, finding)),
    )
    const documents = whole.flatMap(({ docs }) => docs).length
    console.log(`real files: ${whole.length} whole files, ${documents} documents, ${errors.length} false alarms`)
    expect(errors).toEqual([])
  })

  test('documents of kinds without a recorded verdict have no error but the known ones', () => {
    const errors = judged
      .filter(each => !isPartial(each))
      .flatMap(file =>
        errorsOf(file.findings)
          .filter(({ document }) => recordsOf(file, document).length === 0)
          .map(({ document, rule }) => `${file.id} document ${document} ${rule}`),
      )
    expect([...new Set(errors)].toSorted()).toEqual([...refused.keys()].toSorted())
  })

  test('templates and patches have nothing above a hint', () => {
    const partial = judged.filter(isPartial)
    const loud = partial.flatMap(file => file.findings.filter(({ severity }) => severity !== 'hint').map(finding => told(file, finding)))
    console.log(`real files: ${partial.length} templates and patches, ${loud.length} findings above a hint`)
    expect(loud).toEqual([])
  })
})

function errorsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ severity }) => severity === 'error')
}

/** A removed kind is refused by every API server. */
function isAccepted({ legacy, ...verdict }: Verdict & { readonly legacy?: boolean }): boolean {
  return !legacy && verdicts.every(([, field]) => verdict[field] !== 'reject')
}

function findingsOf(yaml: string, path = 'case.yaml'): readonly Finding[] {
  const file = readFile(`file:///${path}`, yaml)
  return check(file, buildMesh({ files: file.resources, closedWorld: false, cel }), { severities: {}, structure: 'all' })
}
