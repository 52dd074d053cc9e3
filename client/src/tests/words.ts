// What came out of a case, in words. Pure.
import type { PolicyTestOutcome } from '../../../server/src/protocol.ts'
import { visible } from '../text.ts'

const testFileName = /\.istio-test\.(?:ya?ml|json)$/i

/** Every file of this name is a policy test; others are by what they hold. */
export const testFiles = '**/*.istio-test.{yaml,yml,json}'

export function isTestFileName(path: string): boolean {
  return testFileName.test(path)
}

/** The output or the packages of some tool, where the server does not look either. `path`: relative to the workspace. */
export function isMade(path: string): boolean {
  return /(?:^|\/)(?:node_modules|vendor|dist|target)\//.test(path)
}

/** Whether a document may hold policy tests; the server knows for certain. */
export function mayHoldTests(path: string, text: string): boolean {
  return isTestFileName(path) || text.includes('AuthorizationTest')
}

const marks = { passed: '✓', failed: '✗', skipped: '○' } as const

/** For the output of the run: one that passed needs no reason. */
export function outputOf({ outcome, name, reason }: PolicyTestOutcome): string {
  const head = `${marks[outcome]} ${name}`
  return terminalLines(outcome === 'passed' ? [head] : [head, `    ${reason}`])
}

/** `shop/callers rule 0`; undefined where no rule decided. */
export function deciderOf({ by }: PolicyTestOutcome): string | undefined {
  if (by === null) return undefined
  const name = by.policy ?? by.published ?? ''
  return by.rule === null ? name : `${name} rule ${by.rule}`
}

/** The output of a run is a terminal. */
export function terminalLines(lines: readonly string[]): string {
  return lines.map(line => `${visible(line)}\r\n`).join('')
}
