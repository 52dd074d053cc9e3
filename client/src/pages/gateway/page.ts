// A gateway as a page to look at: what needs attention, then its parts. No script runs in it, and every name in it is hostile. Pure.
import type { GatewayInspection, GatewayReport, PodRef } from '../../../../server/src/protocol.ts'
import { html } from '../../text.ts'
import { timeElement } from '../certificate/validityBar.ts'
import { pageDocument } from '../document.ts'
import { type Problem, pageHead, podHeading, problemLines } from '../head.ts'
import { backendsSection, listenersSection, logSection, pendingSection, routesSection, secretsSection, serversSection } from './sections.ts'
import { style } from './style.ts'

/** The only commands that links of the page may run; that which copies a command takes its number on the page in front. */
export const gatewayCommands = [
  'istioSecurity.refreshGateway',
  'istioSecurity.openGatewayText',
  'istioSecurity.copyGatewayText',
  'istioSecurity.copyGatewayCommand',
  'istioSecurity.selectContext',
  'istioSecurity.showLog',
] as const

type Command = (typeof gatewayCommands)[number]

/** The page of an answer. `nonce`: fresh for each load, letters and digits. */
export function gatewayPage(inspection: GatewayInspection, nonce: string): string {
  const { pod, report, readAt } = inspection
  const body = `${pageHead<Command>(podHeading(pod), [
    ['istioSecurity.refreshGateway', 'Refresh'],
    ['istioSecurity.copyGatewayText', 'Copy as text'],
    ['istioSecurity.openGatewayText', 'As text'],
  ])}
<p class="quiet">${html(whatItIs(report))}</p>
${verdict(inspection)}
${problems(report)}
${report.notes.map(note => `<p class="info"><span class="mark">i</span> ${html(note)}</p>`).join('\n')}
${pendingSection(report)}
${serversSection(report)}
${secretsSection(report, readAt)}
${backendsSection(report)}
<section><h2>More</h2>
${routesSection(report)}
${listenersSection(report)}
${logSection(report)}</section>
${deeper(inspection)}
<footer>Read from the gateway's Envoy at ${timeElement(readAt)}.</footer>`
  return pageDocument({ title: titleOf(pod), body, style, nonce })
}

/** The page where there is no answer: what happened and what to do now. */
export function gatewayProblemPage(pod: PodRef, problem: Problem, nonce: string): string {
  const body = `${pageHead<Command>(podHeading(pod), [
    ['istioSecurity.refreshGateway', 'Try again'],
    ['istioSecurity.selectContext', 'Select context'],
    ['istioSecurity.showLog', 'Show log'],
  ])}
${problemLines(problem)}`
  return pageDocument({ title: titleOf(pod), body, style, nonce })
}

/** The page while the proxy is asked. */
export function gatewayLoadingPage(pod: PodRef, nonce: string): string {
  const body = `${pageHead(podHeading(pod), [])}\n<p role="status">Reading the configuration of the gateway's proxy …</p>`
  return pageDocument({ title: titleOf(pod), body, style, nonce })
}

const roles = { gateway: 'Gateway', waypoint: 'Waypoint', sidecar: 'Sidecar', other: 'Envoy' } as const

function whatItIs({ gateway: { role, istioVersion, addresses } }: GatewayReport): string {
  return [roles[role ?? 'other'], ...(istioVersion === null ? [] : [`Istio ${istioVersion}`]), ...addresses].join(' · ')
}

const marks = { error: '✗', warning: '!', info: 'i' } as const
const spokenMarks = { error: 'error', warning: 'warning', info: 'note' } as const

function verdict({ report, verdict }: GatewayInspection): string {
  const worst = (['error', 'warning'] as const).find(severity => report.problems.some(each => each.severity === severity))
  return `<p class="verdict ${worst ?? 'ok'}"><span class="mark">${worst ? marks[worst] : '✓'}</span> ${html(verdict)}</p>`
}

function problems({ problems }: GatewayReport): string {
  if (problems.length === 0) return ''
  const items = problems.map(
    ({ severity, about, message }) =>
      `<li class="${severity}"><span class="mark" role="img" aria-label="${spokenMarks[severity]}">${marks[severity]}</span><div><p class="about">${html(about)}</p><p>${html(message)}</p></div></li>`,
  )
  return `<section><h2>Needs attention</h2>
<ul class="problems">
${items.join('\n')}
</ul></section>`
}

/** Offered to copy; nothing here runs them. */
function deeper({ commands }: GatewayInspection): string {
  if (commands.length === 0) return ''
  const items = commands.map(
    ({ title, command }, at) =>
      `<li>${html(title)} · <a href="command:istioSecurity.copyGatewayCommand?%5B${at}%5D" aria-label="Copy the command: ${html(title)}">Copy</a><code>${html(command)}</code></li>`,
  )
  return `<details><summary>Go deeper: commands to copy (${commands.length})</summary>
<ul class="commands">
${items.join('\n')}
</ul></details>`
}

function titleOf({ name }: PodRef): string {
  return `Gateway ${name}`
}
