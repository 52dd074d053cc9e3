// The policy tests of a file, and what each of its cases is called.
import { isPolicyTest, type SourceFile } from '../istio/file.ts'
import type { PolicyTest, TestCase } from './question.ts'
import { readPolicyTest, refused } from './read.ts'

export interface CaseOfTest {
  /** Its name; where several cases of the file share it, with a number behind. */
  readonly id: string
  readonly testCase: TestCase
  readonly test: PolicyTest
}

/** By its name, or by what it holds. `path` may be a URI. */
export function isTestFile(path: string, { documents }: Pick<SourceFile, 'documents'>): boolean {
  return /\.istio-test\.(?:ya?ml|json)$/.test(path) || documents.some(({ root }) => isPolicyTest(root))
}

/** A file that is named as a test and holds none is a test that fails. */
export function testsIn({ documents, text }: Pick<SourceFile, 'documents' | 'text'>): readonly PolicyTest[] {
  const tests = documents.flatMap(document => readPolicyTest(document) ?? [])
  if (tests.length > 0) return tests
  const span = { start: 0, end: text.length }
  return [refused([{ is: 'broken', span, message: 'No document here says "kind: AuthorizationTest".' }], span)]
}

/** In the order they are written; none in a file that is no test. */
export function casesIn(file: SourceFile): readonly CaseOfTest[] {
  if (!isTestFile(file.uri, file)) return []
  const seen = new Map<string, number>()
  return testsIn(file).flatMap(test =>
    test.cases.map(testCase => {
      // The one character that VS Code allows in no id.
      const name = testCase.name.replaceAll('\0', '')
      const nth = (seen.get(name) ?? 0) + 1
      seen.set(name, nth)
      return { id: nth === 1 ? name : `${name} (${nth})`, testCase, test }
    }),
  )
}
