// What a proxy presents, as a page to look at. No script runs in it, and every name in it is treated as hostile. Pure.
import type {
  Certificate,
  CertificateEntry,
  CertificateInspection,
  FileInspection,
  PodRef,
  ProxyKind,
} from '../../../../server/src/protocol.ts'
import { html } from '../../text.ts'
import { duration } from '../../time.ts'
import { pageDocument } from '../document.ts'
import { type Link, type Problem, pageHead, podHeading, problemLines } from '../head.ts'
import { chainBoxes } from './boxes.ts'
import { leafOf } from './chain.ts'
import { identityOf, isFile, pemOf } from './copy.ts'
import { allFields } from './fields.ts'
import { style } from './style.ts'
import { validity } from './validity.ts'
import { barRule, timeElement, validityBar } from './validityBar.ts'
import { colons, keyOf, nameOf, subjectOf } from './words.ts'

/** The only commands that links of the page may run; none takes an argument. */
export const pageCommands = [
  'istioSecurity.refreshCertificate',
  'istioSecurity.copyIdentity',
  'istioSecurity.copyCertificatePem',
  'istioSecurity.copyCertificateJson',
  'istioSecurity.openCertificateText',
  'istioSecurity.selectContext',
  'istioSecurity.showLog',
] as const

type Command = (typeof pageCommands)[number]

/** What the page is about: a pod, or the name of a file. */
export type Subject = PodRef | string

export type Inspection = CertificateInspection | FileInspection

/** A new certificate took the place of another while the page was open. */
export interface Rotation {
  /** RFC 3339: when the page saw it. */
  readonly seenAt: string
  readonly before: Certificate
}

/** The page of an answer. `nonce`: fresh for each load, letters and digits. */
export function certificatePage(inspection: Inspection, nonce: string, rotation?: Rotation): string {
  const { entries } = inspection.report
  const file = isFile(inspection.report)
  const shown = entries.filter(({ role }) => file || role !== 'root')
  const sections = shown.map((entry, index) =>
    entry.role === 'root' ? bundleSection(entry, inspection) : entrySection(entry, index, inspection),
  )
  const body = `${pageHead(headingOf(subjectIn(inspection)), linksOf(inspection))}
${rotation ? rotationLine(rotation, inspection) : ''}
${sections.map(({ markup }) => markup).join('\n') || `<p>${'file' in inspection ? 'No certificate is in it.' : 'The proxy holds no certificate.'}</p>`}
${checks(inspection)}
${allFields(entries)}
<footer>Read from ${'file' in inspection ? 'the file' : proxyNames[inspection.proxy]} at ${timeElement(inspection.readAt)}.</footer>`
  return pageDocument({ title: titleOf(subjectIn(inspection)), body, style: `${style}${sections.map(({ rule }) => rule).join('')}`, nonce })
}

/** The page where there is no answer: what happened and what to do now. */
export function problemPage(subject: Subject, problem: Problem, nonce: string): string {
  const links: readonly Link<Command>[] = [
    ['istioSecurity.refreshCertificate', 'Try again'],
    ...(typeof subject === 'string' ? [] : [['istioSecurity.selectContext', 'Select context'] as const]),
    ['istioSecurity.showLog', 'Show log'],
  ]
  const body = `${pageHead(headingOf(subject), links)}
${problemLines(problem)}`
  return pageDocument({ title: titleOf(subject), body, style, nonce })
}

/** The page while the proxy is asked. */
export function loadingPage(subject: Subject, nonce: string): string {
  const body = `${pageHead(headingOf(subject), [])}
<p role="status">${typeof subject === 'string' ? 'Reading the file …' : "Reading the certificate from the pod's proxy …"}</p>`
  return pageDocument({ title: titleOf(subject), body, style, nonce })
}

const proxyNames: Readonly<Record<ProxyKind, string>> = {
  sidecar: "the pod's Envoy",
  gateway: "the gateway's Envoy",
  waypoint: "the waypoint's Envoy",
  ztunnel: "ztunnel on the pod's node",
  none: 'the pod',
  unknown: "the pod's proxy",
}

function titleOf(subject: Subject): string {
  return `Certificate of ${typeof subject === 'string' ? subject : subject.name}`
}

function subjectIn(inspection: Inspection): Subject {
  return 'file' in inspection ? inspection.file : inspection.pod
}

function rotationLine({ seenAt, before }: Rotation, { report, readAt }: Inspection): string {
  const entry = report.entries.find(({ role }) => role === 'workload')
  const leaf = entry && leafOf(entry)
  if (!leaf) return ''
  const ago = Math.max(Date.parse(readAt) - Date.parse(entry.lastUpdated ?? seenAt), 0)
  return `<p class="ok" role="status"><span class="mark">✓</span> Rotated ${html(duration(ago))} ago, when this was read: new serial <code>${html(colons(leaf.serial))}</code>, valid until ${timeElement(leaf.notAfter)}. Before: serial <code>${html(colons(before.serial))}</code>, until ${timeElement(before.notAfter)}.</p>`
}

function linksOf(inspection: Inspection): readonly Link<Command>[] {
  return [
    ['istioSecurity.refreshCertificate', 'Refresh'],
    ...(identityOf(inspection) ? [['istioSecurity.copyIdentity', 'Copy identity'] as const] : []),
    ...(pemOf(inspection) ? [['istioSecurity.copyCertificatePem', 'Copy PEM'] as const] : []),
    ['istioSecurity.copyCertificateJson', 'Copy JSON'],
    ['istioSecurity.openCertificateText', 'As text'],
  ]
}

function headingOf(subject: Subject): string {
  return typeof subject === 'string' ? html(subject) : podHeading(subject)
}

/** One certificate of the proxy, and the rule that places its "now" marker. */
function entrySection(entry: CertificateEntry, index: number, inspection: Inspection): { markup: string; rule: string } {
  const { report, readAt } = inspection
  const leaf = leafOf(entry)
  const heading = `<h2 class="quiet">${entry.role === 'workload' && !isFile(report) ? 'Workload certificate' : `Certificate ${html(entry.name)}`}</h2>`
  if (!leaf) return { markup: `<section>${heading}${stateLines(entry)}</section>`, rule: '' }
  // Of a saved dump nobody knows whether its proxy renewed it since.
  const life = validity(leaf, entry.role === 'workload' && !('file' in inspection), readAt)
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

/** Roots in a file: side by side, each with its key and its time. */
function bundleSection({ name, chain }: CertificateEntry, { readAt }: Inspection): { markup: string; rule: string } {
  const rows = chain.slice(0, mostRoots).map(root => {
    const { standing, headline } = validity(root, false, readAt)
    return check(standing, `${subjectOf(root)} · ${keyOf(root)} · ${headline} · ${colons(root.sha256.slice(0, 8))}…`)
  })
  const more = chain.length > mostRoots ? `<p class="quiet">and ${chain.length - mostRoots} more</p>` : ''
  return {
    markup: `<section><h2 class="quiet">CA certificates of ${html(name)}</h2><ul class="checks">${rows.join('\n')}</ul>${more}</section>`,
    rule: '',
  }
}

const mostRoots = 100

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

function checks({ facts, report }: Inspection): string {
  const rows = [...facts.map(fact => check('ok', fact)), ...report.problems.map(({ severity, message }) => check(severity, message))]
  return rows.length === 0 ? '' : `<section><h2>Checks</h2><ul class="checks">${rows.join('\n')}</ul></section>`
}

const marks = { ok: '✓', warning: '!', error: '✗', info: 'i' } as const
const spokenMarks = { ok: 'holds', warning: 'warning', error: 'error', info: 'note' } as const

function check(standing: keyof typeof marks, sentence: string): string {
  const mark = `<span class="mark" role="img" aria-label="${spokenMarks[standing]}">${marks[standing]}</span>`
  return `<li class="${standing}">${mark}<span>${html(sentence)}</span></li>`
}
