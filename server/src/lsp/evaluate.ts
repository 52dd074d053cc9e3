// Evaluate, for any editor: a case in, the decision out with its words, its places and the command line that asks the same.
import { asFarAsKnown } from '../core/decide/authorization/asFarAsKnown.ts'
import { authorize } from '../core/decide/authorization/authorize.ts'
import type { Decision } from '../core/decide/authorization/decision.ts'
import type { AuthorizationPolicy } from '../core/istio/resources.ts'
import { formatPrincipal } from '../core/istio/values/principal.ts'
import type { Mesh, Workload } from '../core/mesh/mesh.ts'
import { connectionOf } from '../core/policytest/connectionOf.ts'
import { exampleFor } from '../core/policytest/example.ts'
import { readQuestion } from '../core/policytest/read.ts'
import { targetsOf, targetsOfPolicy } from '../core/policytest/targets.ts'
import { caseLines, insertCase } from '../core/policytest/writeCase.ts'
import { decisionText } from '../core/report/authorize.ts'
import { type AskedWorld, authorizeCommand } from '../core/report/authorizeCommand.ts'
import { decisionReport, type Locate } from '../core/report/decisionReport.ts'
import { fromJson, type Span } from '../core/yaml/tree.ts'
import type {
  EvaluateArguments,
  EvaluateResult,
  Evaluation,
  EvaluationChoices,
  EvaluationSubject,
  PolicyName,
  RulePlace,
  TestInsertion,
  WrittenCase,
} from '../protocol.ts'
import { locating } from '../workspace/locate.ts'
import type { Workspace } from '../workspace/workspace.ts'

/** What any editor may send: nothing of it is trusted to have its type. */
export function readEvaluateArguments(given: unknown): EvaluateArguments {
  const { uri, policy, rule, show, ...rest } = recordOf(given)
  const { namespace, name } = recordOf(policy)
  const asked = rest.case
  return {
    ...(typeof uri === 'string' ? { uri } : {}),
    // Read by `readQuestion`, which says what is wrong with it.
    ...(asked === undefined ? {} : { case: asked as WrittenCase }),
    ...(typeof namespace === 'string' && typeof name === 'string' ? { policy: { namespace, name } } : {}),
    ...(typeof rule === 'number' ? { rule } : {}),
    ...(typeof show === 'boolean' ? { show } : {}),
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? { ...value } : {}
}

/** `cluster`: what names the connected one on a command line. */
export async function evaluate(
  asked: EvaluateArguments,
  workspace: Workspace,
  cluster: Pick<AskedWorld, 'kubeconfig' | 'context'>,
): Promise<EvaluateResult> {
  const mesh = workspace.meshAt(asked.uri)
  const decided = decide(asked, mesh)
  if ('problem' in decided) return { version: 1, problem: decided.problem }
  const { decision, likely } = decided
  const locate = await locating(policiesOf(decision), uri => workspace.textOf(uri))
  const report = decisionReport(decision, locate, likely)
  const { mesh: paths, closedWorld, namespaces, istioVersion } = workspace.settings
  const world = { mesh: paths, closedWorld, namespaces, ...cluster, ...(istioVersion ? { istioVersion } : {}) }
  return {
    ...report,
    steps: withPlaces(report.steps, decision, locate),
    case: decided.case,
    text: textOf(decision, locate, likely),
    command: authorizeCommand(decided.case, world),
  }
}

type Decided = { readonly case: WrittenCase; readonly decision: Decision; readonly likely?: Decision } | { readonly problem: string }

function decide({ case: given, policy, rule }: EvaluateArguments, mesh: Mesh): Decided {
  const asked = given ?? exampleIn(policy, rule, mesh)
  if (asked === undefined) return { problem: policy ? nobody(policy) : 'Name a case, or a policy to make one of.' }
  const { question, problems } = readQuestion(fromJson(asked))
  if (!question) return { problem: problems.find(({ is }) => is === 'broken')?.message ?? 'The case is not whole.' }
  const connection = connectionOf(question, mesh)
  if (!connection.ok) return { problem: connection.reason }
  const decision = authorize(connection.value, mesh)
  const likely = decision.decision === 'unknown' ? asFarAsKnown(connection.value, mesh) : undefined
  return { case: asked, decision, ...(likely ? { likely } : {}) }
}

function nobody({ namespace, name }: PolicyName): string {
  return `No workload of policy "${namespace}/${name}" is known, so there is nothing to ask about.`
}

function policyIn(mesh: Mesh, policy: PolicyName | undefined): AuthorizationPolicy | undefined {
  return policy && mesh.find('AuthorizationPolicy', policy.namespace, policy.name)
}

function exampleIn(name: PolicyName | undefined, rule: number | undefined, mesh: Mesh): WrittenCase | undefined {
  const policy = policyIn(mesh, name)
  return policy && exampleFor(policy, rule, mesh)
}

function policiesOf({ steps, by }: Decision): readonly AuthorizationPolicy[] {
  return [...steps, ...(by ? [by] : [])].flatMap(each => ('policy' in each ? [each.policy] : []))
}

function withPlaces(steps: Evaluation['steps'], decision: Decision, locate: Locate): Evaluation['steps'] {
  return steps.map((step, index) => ({ ...step, ...placeOf(decision.steps[index], locate) }))
}

function placeOf(step: Decision['steps'][number] | undefined, locate: Locate): Partial<RulePlace> {
  if (!step || 'published' in step || step.policy.source.from !== 'file') return {}
  const location = locate(step.policy, step.rule)
  return location ? { uri: step.policy.source.uri, range: location.range } : {}
}

function textOf(decision: Decision, locate: Locate, likely: Decision | undefined): string {
  const placeOf = (...rule: Parameters<Locate>) => {
    const location = locate(...rule)
    return location && `${location.file}:${location.range.start.line + 1}`
  }
  return decisionText(decision, { placeOf, color: false }, likely)
}

/** Workloads of the policy's namespace come first. */
export function evaluationChoices(subject: EvaluationSubject, workspace: Workspace): EvaluationChoices {
  const mesh = workspace.meshAt(subject.uri)
  const named = subject.policy ? subject : (atCursor(subject, workspace) ?? {})
  const policy = policyIn(mesh, named.policy)
  const example = policy && exampleFor(policy, named.rule, mesh)
  const isNear = ({ namespace }: Workload) => namespace === policy?.namespace
  // What has no proxy speaks plaintext, and what has no name cannot be called by one.
  const callers = mesh.workloads.filter(each => each.name !== '' && each.proxy !== 'none' && each.serviceAccount !== '')
  const { trustDomain } = mesh.settings
  const targets = policy ? targetsOfPolicy(policy, mesh) : mesh.workloads.filter(hasPolicies).flatMap(each => targetsOf(each, mesh))
  return {
    ...(named.policy ? { policy: named.policy } : {}),
    ...(named.rule === undefined ? {} : { rule: named.rule }),
    callers: [...callers.filter(isNear), ...callers.filter(each => !isNear(each))].map(each => ({
      workload: `${each.namespace}/${each.name}`,
      identity: formatPrincipal({ trustDomain, namespace: each.namespace, serviceAccount: each.serviceAccount }),
    })),
    targets,
    ...(example ? { example } : {}),
  }
}

/** The policy around the cursor, and the rule. */
function atCursor({ uri, position }: EvaluationSubject, workspace: Workspace): Pick<EvaluationSubject, 'policy' | 'rule'> | undefined {
  const file = uri === undefined ? undefined : workspace.file(uri)
  if (!file || !position) return undefined
  const offset = file.lines.offset(position)
  const isAround = ({ start, end }: Span) => start <= offset && offset <= end
  const around = file.documents.find(({ span }) => isAround(span))?.resources.filter(each => each.kind === 'AuthorizationPolicy') ?? []
  // The items of a List share their document: the cursor stands in the last one that begins above it.
  const policy = around.findLast(({ at }) => at.kind.start <= offset) ?? around[0]
  const rule = policy?.rules.findIndex(({ span }) => isAround(span)) ?? -1
  return policy && { policy: { namespace: policy.namespace, name: policy.name }, ...(rule < 0 ? {} : { rule }) }
}

function hasPolicies({ proxy }: Workload): boolean {
  return proxy !== 'none'
}

export function testInsertion(
  { uri, case: asked, text }: { readonly uri?: string; readonly case: WrittenCase; readonly text: string },
  workspace: Workspace,
): TestInsertion | { readonly problem: string } {
  const decided = decide({ case: asked }, workspace.meshAt(uri))
  if ('problem' in decided) return decided
  const lines = caseLines(decided.case, decided.decision)
  return lines ? insertCase(text, lines) : { problem: `A test expects allow or deny, and this is not known. ${decided.decision.reason}` }
}
