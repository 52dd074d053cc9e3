// Held against Istio's webhook, the CRDs, strict decoding and the API server's metadata check: what they all accept is no error here,
// and what we say Istio rejects, one of them does reject. Third-party documents, read from outside the repository.
import { describe, expect, test } from 'vitest'
import { readFile } from '../../server/src/core/istio/file.ts'
import { buildMesh } from '../../server/src/core/mesh/build.ts'
import { check, type Finding } from '../../server/src/core/rules/run.ts'
import { sharedCases } from '../support/shared.ts'

interface Verdict {
  readonly webhook?: 'accept' | 'warn' | 'reject'
  readonly crd?: 'accept' | 'reject'
  readonly strictFields?: 'accept' | 'reject'
  readonly meta?: 'accept' | 'reject'
}

interface ValidateCase extends Verdict {
  readonly id: string
  readonly yaml: string
}

interface RealFile {
  readonly id: string
  readonly path: string
  readonly form: 'plain' | 'helm' | 'kustomize'
  readonly role?: 'resource' | 'patch' | 'kustomization'
  readonly yaml: string
  readonly docs: readonly (Verdict & { readonly index: number })[]
}

const cases = sharedCases<ValidateCase>('validate.jsonl')
const files = sharedCases<RealFile>('realworld.jsonl')

describe.skipIf(!cases)('single documents', () => {
  const judged = (cases ?? []).map(each => ({ ...each, accepted: isAccepted(each), findings: findingsOf(each.yaml) }))

  test('what every judge accepts has no error', () => {
    const accepted = judged.filter(each => each.accepted)
    const alarms = accepted.flatMap(({ id, findings }) =>
      findings.filter(({ severity }) => severity === 'error').map(({ rule }) => `${id} ${rule}`),
    )
    console.log(`validate oracle: ${judged.length} documents, ${accepted.length} accepted by every judge, ${alarms.length} false alarms`)
    expect(alarms).toEqual([])
  })

  test('what we say Istio rejects, at least one judge rejects', () => {
    const told = judged.filter(({ findings }) => findings.some(({ istio }) => istio === 'rejects'))
    const rejected = judged.filter(({ accepted }) => !accepted)
    const wrong = told.filter(({ accepted }) => accepted).map(({ id }) => id)
    console.log(
      `validate oracle: ${rejected.length} rejected documents, ${told.length - wrong.length} of them told here, ${wrong.length} told and accepted`,
    )
    expect(wrong).toEqual([])
    expect(told.length).toBeGreaterThan(600)
  })
})

describe.skipIf(!files)('files people really wrote', () => {
  const judged = (files ?? []).map(each => ({ ...each, findings: findingsOf(each.yaml) }))
  const isPartial = ({ form, role }: RealFile) => form === 'helm' || role === 'patch' || role === 'kustomization'
  const told = ({ id, path }: RealFile, { document, rule, message }: Finding) => `${id} ${path} document ${document} ${rule}: ${message}`

  test('documents that every judge accepts have no error', () => {
    const whole = judged.filter(each => !isPartial(each))
    const errors = whole.flatMap(file =>
      file.findings
        .filter(({ severity, document }) => severity === 'error' && file.docs.filter(({ index }) => index === document).every(isAccepted))
        .map(finding => told(file, finding)),
    )
    console.log(
      `real files: ${whole.length} whole files, ${whole.flatMap(({ docs }) => docs).length} documents, ${errors.length} false alarms`,
    )
    expect(errors).toEqual([])
  })

  test('templates and patches have nothing above a hint', () => {
    const partial = judged.filter(isPartial)
    const loud = partial.flatMap(file => file.findings.filter(({ severity }) => severity !== 'hint').map(finding => told(file, finding)))
    console.log(`real files: ${partial.length} templates and patches, ${loud.length} findings above a hint`)
    expect(loud).toEqual([])
  })
})

/** Documents without verdict (removed APIs, other kinds) are taken as accepted: nothing is to be said of them either. */
function isAccepted({ webhook, crd, strictFields, meta }: Verdict): boolean {
  return webhook !== 'reject' && crd !== 'reject' && strictFields !== 'reject' && meta !== 'reject'
}

function findingsOf(yaml: string): readonly Finding[] {
  const file = readFile('file:///case.yaml', yaml)
  return check(file, buildMesh({ files: file.resources, closedWorld: false }), { severities: {}, structure: true })
}
