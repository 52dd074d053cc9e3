// Explanations in words: what happened, by whom and where that is written, what it means, what to do.
import { harmless } from '../certificate/harmless.ts'
import type { Explained, Explanation, NamedPolicy } from '../explain/explanation.ts'
import { paint } from './authorize.ts'
import type { LocatePolicy } from './explainReport.ts'
import { count } from './words.ts'

export interface ExplainWords {
  readonly locate: LocatePolicy
  /** Colour repeats what words say. */
  readonly color: boolean
}

export function explainText({ explanations, entries }: Explained, words: ExplainWords): string {
  const blocks = explanations.map(each => explanationText(each, words))
  const rest = [
    ...(entries.refused > 0 && entries.passed > 0
      ? [`${count(entries.passed, 'other line')} ${entries.passed === 1 ? 'tells' : 'tell'} of no refusal.`]
      : []),
    ...(entries.refused > 0 && entries.unrecognised > 0
      ? [`${count(entries.unrecognised, 'line')} ${entries.unrecognised === 1 ? 'was' : 'were'} not recognised.`]
      : []),
  ]
  return `${[...blocks, ...(rest.length > 0 ? [rest.join(' ')] : [])].join('\n\n')}\n`
}

function explanationText(explanation: Explanation, words: ExplainWords): string {
  const { happened, means, repair } = explanation
  const rows: readonly (readonly [label: string, lines: readonly string[]])[] = [
    ['by', refusers(explanation, words)],
    ['seen', seen(explanation)],
    ['means', means],
    ['repair', repair],
  ]
  const lines = rows.flatMap(([label, texts]) => texts.map((text, index) => `  ${(index === 0 ? label : '').padEnd(7)} ${harmless(text)}`))
  return [paint(harmless(happened), 1, words.color), ...lines].join('\n')
}

const names: Readonly<Record<Explanation['refusedBy'], string | undefined>> = {
  sidecar: 'the sidecar of the server',
  gateway: 'the gateway',
  waypoint: 'the waypoint',
  ztunnel: 'ztunnel',
  proxy: 'a proxy (Envoy)',
  none: undefined,
  unknown: undefined,
}

function refusers({ refusedBy, policies, kind }: Explanation, words: ExplainWords): readonly string[] {
  // Whose certificate or answer it was stands in the sentences.
  const who = kind === 'tls' || kind === 'refused-behind' ? undefined : names[refusedBy]
  return [...(who === undefined ? [] : [who]), ...policies.map(policy => policyLine(policy, words))]
}

/** `AuthorizationPolicy shop/no-admin rule 0 · policies/pay.yaml:14` */
function policyLine({ kind, namespace, name, rule, policy }: NamedPolicy, { locate }: ExplainWords): string {
  const location = policy && locate(policy, rule)
  const text = `${kind} ${namespace}/${name}${rule === undefined ? '' : ` rule ${rule}`}`
  return location ? `${text} · ${location.file}:${location.range.start.line + 1}` : text
}

function seen({ count: times, line, requests }: Explanation): readonly string[] {
  if (times < 2) return []
  return [[`${times} times, first in line ${line + 1}`, ...(requests.length > 1 ? [requests.join(', ')] : [])].join(' · ')]
}
