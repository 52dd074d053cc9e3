// What the rules of policy tests share.
import type { SourceDocument } from '../../istio/file.ts'
import type { Expectation, Question } from '../../policytest/question.ts'
import { readPolicyTest } from '../../policytest/read.ts'

interface ReadyCase {
  readonly question: Question
  readonly expectation: Expectation
}

/** The cases that are run against the mesh of the workspace; of a test that names a mesh of its own nothing is known here. */
export function casesHere(document: SourceDocument): readonly ReadyCase[] {
  const read = readPolicyTest(document)
  if (!read || read.mesh) return []
  return read.cases.flatMap(each => (each.is === 'ready' ? [each] : []))
}
