// A decision as JSON: the shape others script against (README).
import type { Decision } from '../../core/decide/authorization/decision.ts'
import { decisionReport, type Locate } from '../../core/report/decisionReport.ts'

export function decisionJson(decision: Decision, locate: Locate, likely?: Decision): string {
  return `${JSON.stringify(decisionReport(decision, locate, likely), null, 2)}\n`
}
