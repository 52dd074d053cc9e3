// Explain Denial, for any editor: a text of a proxy in, who refused and the repair out, with the places of the policies it names.
import { explain } from '../core/explain/explain.ts'
import type { Explained, NamedPolicy } from '../core/explain/explanation.ts'
import { explainText } from '../core/report/explain.ts'
import { explainReport, type LocatePolicy } from '../core/report/explainReport.ts'
import { type ExplainDenialArguments, type ExplainDenialResult, longestToExplain, type NamedPlace } from '../protocol.ts'
import { placing } from '../workspace/locate.ts'
import { type Server, worldWords } from './context.ts'

type Policy = NonNullable<NamedPolicy['policy']>

/** What any editor may send: nothing of it is trusted to have its type. */
export function readExplainArguments(given: unknown): ExplainDenialArguments {
  const { text, show } = (given !== null && typeof given === 'object' ? given : {}) as Readonly<Record<string, unknown>>
  return { text: typeof text === 'string' ? text : '', ...(show === true ? { show } : {}) }
}

export async function explainDenial(
  { text }: ExplainDenialArguments,
  { workspace, sessions }: Pick<Server, 'workspace' | 'sessions'>,
): Promise<ExplainDenialResult> {
  if (text.length > longestToExplain) return { version: 1, problem: tooMuch(text.length) }
  // Of a mesh that is still being read, a policy would be unknown for that alone.
  await sessions.settled()
  const explained = explain(text, workspace.mesh)
  const place = await placing(policiesOf(explained), uri => workspace.textOf(uri))
  const locate: LocatePolicy = (policy, rule) =>
    place(policy, policy.kind === 'AuthorizationPolicy' && rule !== undefined ? policy.rules[rule]?.span : undefined)
  const world = explained.entries.refused > 0 ? `\nKnown from ${worldWords(sessions).replace(/\.?$/, '.')}\n` : ''
  return {
    ...explainReport(explained, locate),
    text: `${explainText(explained, { locate, color: false })}${world}`,
    places: placesOf(explained, locate),
  }
}

function tooMuch(length: number): string {
  const [characters, most] = [length, longestToExplain].map(each => each.toLocaleString('en'))
  return `The text has ${characters} characters; at most ${most} are explained at once. Select the lines around the refusal.`
}

function policiesOf({ explanations }: Explained): readonly Policy[] {
  return explanations.flatMap(({ policies, nearMisses, decision }) => [
    ...policies.flatMap(({ policy }) => policy ?? []),
    ...nearMisses.map(({ policy }) => policy),
    ...(decision?.by && 'policy' in decision.by ? [decision.by.policy] : []),
  ])
}

function placesOf({ explanations }: Explained, locate: LocatePolicy): readonly NamedPlace[] {
  return explanations
    .flatMap(({ policies }) => policies)
    .flatMap(({ policy, rule }) => {
      const location = policy && locate(policy, rule)
      if (!location || policy.source.from !== 'file') return []
      const { file, range } = location
      return [{ name: `${file}:${range.start.line + 1}`, uri: policy.source.uri, range }]
    })
}
