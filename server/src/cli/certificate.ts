// `istio-security certificate FILE`: what a certificate, bundle or proxy dump says. Returns the text to print; the exit code is the caller's.
import { harmless } from '../core/certificate/harmless.ts'
import type { Certificate, CertificateReport } from '../core/certificate/report.ts'
import { certificateText } from '../core/report/certificate.ts'

export interface CertificateOptions {
  /** A path; `-` is standard input. */
  readonly file: string
  readonly format: 'text' | 'json'
  /** RFC 3339: the instant that validity is judged at. */
  readonly now: string
  readonly color: boolean
}

export interface CertificateIo {
  /** Reads a file, or standard input for `-`; rejects where it cannot. */
  readonly readFile: (path: string) => Promise<Uint8Array>
}

/** `ok: false` carries one line that says why the command could not run. What is wrong with certificates is part of the answer, not an error. */
export type CommandResult = { readonly ok: true; readonly output: string } | { readonly ok: false; readonly error: string }

export async function certificate(options: CertificateOptions, io: CertificateIo): Promise<CommandResult> {
  if (!isRfc3339(options.now)) {
    return { ok: false, error: notATime(options.now) }
  }
  const read = await readInput(options.file, io)
  if (!read.ok) return read
  // The decoder is heavy and only this command needs it.
  const { readCertificates } = await import('../core/proxy/readCertificates.ts')
  const report = readCertificates(read.bytes, options.now, options.file === '-' ? 'standard input' : options.file)
  return {
    ok: true,
    output: options.format === 'json' ? certificateJson(report) : painted(certificateText(report, options.now), options.color),
  }
}

/** The report as `--format json` prints it: without the certificates themselves. */
export function certificateJson(report: CertificateReport): string {
  const entries = report.entries.map(entry => ({ ...entry, chain: entry.chain.map(withoutPem) }))
  return `${JSON.stringify({ ...report, entries }, null, 2)}\n`
}

function withoutPem({ pem: _pem, ...facts }: Certificate): Omit<Certificate, 'pem'> {
  return facts
}

export function notATime(now: string): string {
  return `--now "${harmless(now)}" is not an RFC 3339 time such as 2026-11-21T12:00:00Z`
}

export function isRfc3339(text: string): boolean {
  return /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
}

type Input = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly error: string }

async function readInput(file: string, io: CertificateIo): Promise<Input> {
  try {
    return { ok: true, bytes: await io.readFile(file) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? `${error.code}` : ''
    const what = file === '-' ? 'standard input' : `"${harmless(file)}"`
    return { ok: false, error: `cannot read ${what}: ${reasons.get(code) ?? (code || 'reading failed')}` }
  }
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a folder'],
])

/** Colour repeats what the first word of a problem's line says. */
export function painted(text: string, color: boolean): string {
  return color
    ? text.replace(
        /^(error|warning|info) /gm,
        (_, severity: 'error' | 'warning' | 'info') => `\u001b[${codes[severity]}m${severity}\u001b[0m `,
      )
    : text
}

const codes = { error: 31, warning: 33, info: 36 }
