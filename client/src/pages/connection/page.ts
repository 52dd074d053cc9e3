// The handshake between two pods as a page to look at. No script runs in it, and every name in it is treated as hostile. Pure.
import type { ConnectionInspection, ConnectionStep, PodRef } from '../../../../server/src/protocol.ts'
import { html } from '../../text.ts'
import { timeElement } from '../certificate/validityBar.ts'
import { pageDocument } from '../document.ts'
import { type Problem, pageHead, problemLines } from '../head.ts'
import { handshakeDrawing, stateMarks } from './drawing.ts'
import { style } from './style.ts'

/** The only commands that links of the page may run; none takes an argument. */
export const connectionCommands = [
  'istioSecurity.refreshConnection',
  'istioSecurity.openConnectionText',
  'istioSecurity.selectContext',
  'istioSecurity.showLog',
] as const

type Command = (typeof connectionCommands)[number]

export interface Asked {
  readonly from: PodRef
  readonly to: PodRef
  readonly port: number
}

/** The page of an answer. `nonce`: fresh for each load, letters and digits. */
export function connectionPage(inspection: ConnectionInspection, nonce: string): string {
  const { report, readAt, verdict } = inspection
  const { from, to, port } = inspection
  const ends = {
    from: { name: from.name, where: `client in ${from.namespace}` },
    to: { name: to.name, where: `server in ${to.namespace}` },
  }
  const body = `${pageHead<Command>(headingOf(inspection), [
    ['istioSecurity.refreshConnection', 'Check again'],
    ['istioSecurity.openConnectionText', 'As text'],
  ])}
<p class="verdict ${report.verdict}"><span class="mark">${verdictMarks[report.verdict]}</span> ${html(verdict)}</p>
<div class="drawing">${handshakeDrawing(report.steps, ends, `${nameOf(from)} to ${nameOf(to)}:${port}: ${verdict}. The steps follow as a list.`)}</div>
<h2>Steps</h2>
<ol class="steps">
${report.steps.map(stepItem).join('\n')}
</ol>
<footer>Read from both proxies at ${timeElement(readAt)}.</footer>`
  return pageDocument({ title: titleOf(inspection), body, style, nonce })
}

/** The page where there is no answer: what happened and what to do now. */
export function connectionProblemPage(asked: Asked, problem: Problem, nonce: string): string {
  const body = `${pageHead<Command>(headingOf(asked), [
    ['istioSecurity.refreshConnection', 'Try again'],
    ['istioSecurity.selectContext', 'Select context'],
    ['istioSecurity.showLog', 'Show log'],
  ])}
${problemLines(problem)}`
  return pageDocument({ title: titleOf(asked), body, style, nonce })
}

/** The page while the proxies are asked. */
export function connectionLoadingPage(asked: Asked, nonce: string): string {
  return pageDocument({
    title: titleOf(asked),
    body: `${pageHead(headingOf(asked), [])}\n<p role="status">Reading both proxies …</p>`,
    style,
    nonce,
  })
}

const verdictMarks = { ok: '✓', fails: '✗', unknown: '?' } as const
const spoken: Readonly<Record<ConnectionStep['state'], string>> = {
  ok: 'holds',
  failed: 'fails',
  unknown: 'not known',
  skipped: 'not reached',
}

export const stepTitles: Readonly<Record<ConnectionStep['id'], string>> = {
  enrolment: 'Both ends are in the mesh',
  'client-tls': 'What the client sends',
  'server-mode': 'What the server accepts',
  'server-chain': 'The client trusts the server',
  'client-chain': 'The server trusts the client',
  identity: 'Each is who the other demands',
  validity: 'The certificates are valid now',
  authorization: 'Policies let the caller in',
}

function stepItem({ id, state, detail, evidence, remedy }: ConnectionStep): string {
  const seen =
    evidence.length === 0
      ? ''
      : `<details${state === 'failed' ? ' open' : ''}><summary>What was seen</summary><ul>${evidence.map(each => `<li>${html(each)}</li>`).join('')}</ul></details>`
  return `<li class="${state}"><h3><span class="mark" role="img" aria-label="${spoken[state]}">${stateMarks[state]}</span> ${stepTitles[id]}</h3>
<p>${html(detail)}</p>${remedy === undefined ? '' : `<p class="remedy">What now: ${html(remedy)}</p>`}${seen}</li>`
}

function headingOf({ from, to, port }: Asked): string {
  const context = to.context ? ` · ${html(to.context)}` : ''
  return `${html(from.name)} <span aria-label="to">→</span> ${html(to.name)}:${port} <span class="quiet">· ${html(from.namespace)} → ${html(to.namespace)}${context}</span>`
}

function titleOf({ from, to, port }: Asked): string {
  return `Connection ${from.name} → ${to.name}:${port}`
}

function nameOf({ namespace, name }: PodRef): string {
  return `${namespace}/${name}`
}
