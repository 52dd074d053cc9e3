// A connection in words: its steps with their evidence, the first that fails, the repair.
import { harmless } from '../certificate/harmless.ts'
import type { ConnectionReport, Step, StepId } from '../live/connection/step.ts'
import { wrap } from './words.ts'

export interface ConnectionWords {
  /** `shop/frontend-1`. */
  readonly from: string
  readonly to: string
  readonly port: number
  readonly color: boolean
  readonly width?: number
}

const titles: Readonly<Record<StepId, string>> = {
  enrolment: 'both ends are in the mesh',
  'client-tls': 'what the client sends',
  'server-mode': 'what the server accepts',
  'server-chain': 'the client trusts the server',
  'client-chain': 'the server trusts the client',
  identity: 'each is who the other demands',
  validity: 'the certificates are valid now',
  authorization: 'policies let the caller in',
}

const marks: Readonly<Record<Step['state'], { readonly mark: string; readonly word: string; readonly code: number }>> = {
  ok: { mark: '✓', word: 'ok', code: 32 },
  failed: { mark: '✗', word: 'failed', code: 31 },
  unknown: { mark: '?', word: 'unknown', code: 33 },
  skipped: { mark: '○', word: 'skipped', code: 2 },
}

export function titleOf(id: StepId): string {
  return titles[id]
}

/** `stops at step 4: the client trusts the server`. */
export function verdictText({ verdict, failedStep, steps }: ConnectionReport): string {
  const at = steps.findIndex(({ id }) => id === failedStep)
  if (failedStep !== null) return `fails at step ${at + 1}: ${titles[failedStep]}`
  if (verdict === 'ok') return 'works'
  const open = steps.filter(({ state }) => state === 'unknown').map(({ id }) => titles[id])
  return `nothing known stands in its way; open: ${open.join(', ')}`
}

/** One line a step, and below it what was seen. Names of a cluster cannot reach the terminal's codes. */
export function connectionText(report: ConnectionReport, { from, to, port, color, width }: ConnectionWords): string {
  const paint = (text: string, code: number) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const indent = ' '.repeat(5)
  const paragraph = (text: string) => wrap(harmless(text), (width ?? 0) - indent.length).map(line => `${indent}${line}`)
  const lines = report.steps.flatMap((step, at) => {
    const { mark, word, code } = marks[step.state]
    return [
      `${at + 1} ${paint(`${mark} ${word.padEnd(7)}`, code)}  ${titles[step.id]}`,
      ...paragraph(step.detail),
      ...(step.remedy === undefined ? [] : paragraph(`What now: ${step.remedy}`)),
      ...step.evidence.flatMap(each => paragraph(`· ${each}`)),
    ]
  })
  return `${harmless(`${from} → ${to}:${port}`)}  ${verdictText(report)}\n\n${lines.join('\n')}\n`
}
