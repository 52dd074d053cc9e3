// What `test` found, before any report gives it a form.
import type { Mesh } from '../core/mesh/mesh.ts'
import type { CaseResult } from '../core/policytest/run.ts'
import type { InputFile } from './world.ts'

/** One AuthorizationTest against its world. */
export interface TestRun {
  readonly file: InputFile
  readonly mesh: Mesh
  readonly results: readonly CaseResult[]
}

export interface CaseOfFile {
  readonly file: InputFile
  readonly result: CaseResult
}

export function countOf(cases: readonly CaseOfFile[], outcome: CaseResult['outcome']): number {
  return cases.filter(({ result }) => result.outcome === outcome).length
}
