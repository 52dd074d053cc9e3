// What a proxy presents, as a page to look at. No script runs in it, and every name in it is treated as hostile. Pure.
import type { Certificate, CertificateEntry, CertificateInspection, PodRef, ProxyKind } from '../../../../server/src/protocol.ts'
import { html } from '../../text.ts'
import { pageDocument } from '../document.ts'
import { chainBoxes } from './boxes.ts'
import { leafOf } from './chain.ts'
import { identityOf, pemOf } from './copy.ts'
import { allFields } from './fields.ts'
import { style } from './style.ts'
import { validity } from './validity.ts'
import { barRule, timeElement, validityBar } from './validityBar.ts'
import { nameOf } from './words.ts'

/** The only commands that links of the page may run; none takes an argument. */
export const pageCommands = [
  'istioSecurity.refreshCertificate',
  'istioSecurity.copyIdentity',
  'istioSecurity.copyCertificatePem',
  'istioSecurity.openCertificateText',
  'istioSecurity.selectContext',
  'istioSecurity.showLog',
] as const

type Link = readonly [command: (typeof pageCommands)[number], title: string]

/** The page of an answer. `nonce`: fresh for each load, letters and digits. */
export function certificatePage(inspection: CertificateInspection, nonce: string): string {
  const { entries } = inspection.report
  const sections = entries.filter(({ role }) => role !== 'root').map((entry, index) => entrySection(entry, index, inspection))
  const body = `${head(inspection.pod, linksOf(inspection))}
${sections.map(({ markup }) => markup).join('\n') || '<p>The proxy holds no certificate.</p>'}
${checks(inspection)}
${allFields(entries)}
<footer>Read from ${proxyNames[inspection.proxy]} at ${timeElement(inspection.readAt)}.</footer>`
  return pageDocument({ title: titleOf(inspection.pod), body, style: `${style}${sections.map(({ rule }) => rule).join('')}`, nonce })
}

/** The page where there is no answer: what happened and what to do now. */
export function problemPage(pod: PodRef, problem: { readonly message: string; readonly remedy: string }, nonce: string): string {
  const links: readonly Link[] = [
    ['istioSecurity.refreshCertificate', 'Try again'],
    ['istioSecurity.selectContext', 'Select context'],
    ['istioSecurity.showLog', 'Show log'],
  ]
  const body = `${head(pod, links)}
<p class="warning" role="alert"><span class="mark">!</span> ${html(problem.message)}</p>
<p>${html(problem.remedy)}</p>`
  return pageDocument({ title: titleOf(pod), body, style, nonce })
}

/** The page while the proxy is asked. */
export function loadingPage(pod: PodRef, nonce: string): string {
  const body = `${head(pod, [])}
<p role="status">Reading the certificate from the pod's proxy …</p>`
  return pageDocument({ title: titleOf(pod), body, style, nonce })
}

const proxyNames: Readonly<Record<ProxyKind, string>> = {
  sidecar: "the pod's Envoy",
  gateway: "the gateway's Envoy",
  waypoint: "the waypoint's Envoy",
  ztunnel: "ztunnel on the pod's node",
  none: 'the pod',
  unknown: "the pod's proxy",
}

function titleOf(pod: PodRef): string {
  return `Certificate of ${pod.name}`
}

function linksOf(inspection: CertificateInspection): readonly Link[] {
  return [
    ['istioSecurity.refreshCertificate', 'Refresh'],
    ...(identityOf(inspection) ? [['istioSecurity.copyIdentity', 'Copy identity'] as const] : []),
    ...(pemOf(inspection) ? [['istioSecurity.copyCertificatePem', 'Copy PEM'] as const] : []),
    ['istioSecurity.openCertificateText', 'As text'],
  ]
}

function head(pod: PodRef, links: readonly Link[]): string {
  const anchors = links.map(([command, title]) => `<a href="command:${command}">${title}</a>`).join('\n')
  return `<header>
<h1>${html(pod.name)} <span class="quiet">· ${html(pod.namespace)}${pod.context ? ` · ${html(pod.context)}` : ''}</span></h1>
${links.length > 0 ? `<nav aria-label="Actions">${anchors}</nav>` : ''}
</header>`
}

/** One certificate of the proxy, and the rule that places its "now" marker. */
function entrySection(entry: CertificateEntry, index: number, { report, readAt }: CertificateInspection): { markup: string; rule: string } {
  const leaf = leafOf(entry)
  const heading = `<h2 class="quiet">${entry.role === 'workload' ? 'Workload certificate' : `Certificate ${html(entry.name)}`}</h2>`
  if (!leaf) return { markup: `<section>${heading}${stateLines(entry)}</section>`, rule: '' }
  const life = validity(leaf, entry.role === 'workload', readAt)
  const bar = `bar-${index}`
  const markup = `<section>
${heading}
<p class="identity"><code>${html(nameOf(leaf))}</code> <strong class="${life.standing}"><span class="mark">${marks[life.standing]} ${html(life.headline)}</span></strong></p>
${stateLines(entry)}
${validityBar(bar, leaf, life, readAt)}
<h2>Chain to the root</h2>
${chainBoxes(entry, trustedRoots(report.entries), readAt)}
</section>`
  return { markup, rule: barRule(bar, life) }
}

function trustedRoots(entries: readonly CertificateEntry[]): readonly Certificate[] {
  return entries.filter(({ role }) => role === 'root').flatMap(({ chain }) => chain)
}

function stateLines({ state, file, reason }: CertificateEntry): string {
  const lines = [
    ...stateSentences[state],
    ...(file ? [`The proxy reads it from ${file}.`] : []),
    ...(reason ? [`The proxy says: ${reason}`] : []),
  ]
  return lines.map(line => `<p>${html(line)}</p>`).join('\n')
}

const stateSentences: Readonly<Record<CertificateEntry['state'], readonly string[]>> = {
  active: [],
  warming: ['The proxy waits for this certificate; it has not arrived.'],
  missing: ['The proxy was told to use this certificate and does not have it.'],
}

function checks({ facts, report }: CertificateInspection): string {
  const rows = [...facts.map(fact => check('ok', fact)), ...report.problems.map(({ severity, message }) => check(severity, message))]
  return rows.length === 0 ? '' : `<section><h2>Checks</h2><ul class="checks">${rows.join('\n')}</ul></section>`
}

const marks = { ok: '✓', warning: '!', error: '✗', info: 'i' } as const
const spokenMarks = { ok: 'holds', warning: 'warning', error: 'error', info: 'note' } as const

function check(standing: keyof typeof marks, sentence: string): string {
  const mark = `<span class="mark" role="img" aria-label="${spokenMarks[standing]}">${marks[standing]}</span>`
  return `<li class="${standing}">${mark}<span>${html(sentence)}</span></li>`
}
