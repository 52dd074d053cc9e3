// Runs the cases of a policy test against a mesh.
import { authorize } from '../decide/authorization/authorize.ts'
import type { Decider, Decision, Step } from '../decide/authorization/decision.ts'
import type { Decisions } from '../decide/authorization/decisions.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { connectionOf } from './connectionOf.ts'
import type { Expectation, ExpectedDecider, TestCase } from './question.ts'

export interface CaseResult {
  readonly testCase: TestCase
  /** A case that cannot be read, or not be decided, has failed: nobody knows that the mesh does what it says. */
  readonly outcome: 'passed' | 'failed' | 'skipped'
  /** Absent where nothing was asked. */
  readonly decision?: Decision
  /** One sentence or two: what came out, and why. */
  readonly reason: string
}

/** Never throws. `decisions`: what was decided before, where cases are run again and again. */
export function runCase(testCase: TestCase, mesh: Mesh, decisions?: Decisions): CaseResult {
  switch (testCase.is) {
    case 'skipped':
      return { testCase, outcome: 'skipped', reason: testCase.reason }
    case 'broken':
      return {
        testCase,
        outcome: 'failed',
        reason: `This case cannot be run. ${testCase.problems.map(({ message }) => message).join(' ')}`,
      }
    case 'ready': {
      const connection = connectionOf(testCase.question, mesh)
      if (!connection.ok) return { testCase, outcome: 'failed', reason: connection.reason }
      const decision = decisions ? decisions.authorize(connection.value, mesh) : authorize(connection.value, mesh)
      const difference = differenceOf(testCase.expectation, decision)
      if (difference === undefined) return { testCase, outcome: 'passed', decision, reason: decision.reason }
      return { testCase, outcome: 'failed', decision, reason: `${difference} ${decision.reason}` }
    }
  }
}

function differenceOf(expected: Expectation, decision: Decision): string | undefined {
  if (decision.decision !== expected.decision) return `Expected ${expected.decision}, and it is ${words[decision.decision]}.`
  if (expected.status !== undefined && expected.status !== decision.status) {
    return `Expected status ${expected.status}, and it is ${decision.status ?? 'none, or not known'}.`
  }
  if (expected.by === undefined || isDecider(expected.by, decision)) return undefined
  return `Expected ${nameOfExpected(expected.by)} to decide, and ${nameOfDecider(decision.by)} does.`
}

const words: Readonly<Record<Decision['decision'], string>> = { allow: 'allowed', deny: 'denied', unknown: 'not known' }

function isDecider(expected: ExpectedDecider, decision: Decision): boolean {
  const deciders = decidersOf(decision)
  return expected === 'none' ? deciders.length === 0 : deciders.some(each => isMeant(expected, each))
}

/** Of several policies that match ztunnel names any. Source: istio/ztunnel:src/state.rs (assert_rbac). */
function decidersOf({ decision, enforcer, by, steps }: Decision): readonly (Decider | Step)[] {
  if (by === undefined) return []
  if (enforcer !== 'ztunnel') return [by]
  const action = decision === 'deny' ? 'DENY' : 'ALLOW'
  return [by, ...steps.filter(each => each.matched === 'yes' && !each.dryRun && each.action === action)]
}

function isMeant(expected: Exclude<ExpectedDecider, 'none'>, decider: Decider | Step): boolean {
  if ('published' in expected) return 'published' in decider && decider.published === expected.published.value
  if ('published' in decider || keyOf(decider.policy) !== expected.policy.value) return false
  return expected.rule === undefined || decider.rule === expected.rule.value
}

function nameOfExpected(expected: ExpectedDecider): string {
  if (expected === 'none') return 'no rule'
  if ('published' in expected) return expected.published.value
  return expected.rule === undefined ? expected.policy.value : `${expected.policy.value} rule ${expected.rule.value}`
}

/** `shop/callers rule 0`; `no rule` where the absence of one decided. */
export function nameOfDecider(by: Decider | undefined): string {
  if (by === undefined) return 'no rule'
  return 'published' in by ? by.published : `${keyOf(by.policy)} rule ${by.rule}`
}

export function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`
}
