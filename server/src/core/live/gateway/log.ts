// The log of a proxy, narrowed to what it tells of certificates, and without keys: nobody knows what somebody had logged.
import { field, parseJson, textOf } from '../../proxy/json.ts'

/** The newest that are kept, and the longest of them. */
const mostLines = 100
const longestLine = 1_000

/** Lines that tell of certificates and secrets, the newest last. Keys and tokens are blanked. */
export function certificateLines(text: string): readonly string[] {
  return withoutKeys(text.split(/\r?\n/)).map(asText).filter(isAboutCertificates).slice(-mostLines).map(blanked)
}

/** Of Envoy itself, as Istio lays out its lines: whoever sends requests can put any words into those of the access log. */
const refusal =
  /^\d{4}-\d\d-\d\dT[\d:.]+Z\s+\w+\s+envoy config(?: \S+)?\s+(?:delta|gRPC) config for type\.googleapis\.com\/\S+tls\.v3\.Secret rejected: (.+?)(?:\s+thread=\d+)?$/

/** What Envoy refused, by its reason; the newest line of each. */
export function refusedSecrets(lines: readonly string[]): readonly { readonly reason: string; readonly at: string | null }[] {
  const found = lines.flatMap(line => {
    const [, reason] = refusal.exec(line) ?? []
    return reason === undefined ? [] : [{ reason, at: /^\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(line)?.[0] ?? null }]
  })
  return [...new Map(found.map(each => [each.reason, each])).values()]
}

const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----/
const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/
const blank = '[private key]'
/** Lines that a block can have: an RSA key of 16384 bits has 200. */
const longestBlock = 300

interface Block {
  /** Lines that it may still have. */
  left: number
  /** Whether its lines stand behind a time, as those of a logger do; not known before the first. */
  timed?: boolean
}

/** The tail of a log may begin within a block, and end within one. */
function withoutKeys(lines: readonly string[]): readonly string[] {
  const kept: string[] = []
  let open: Block | undefined
  for (const line of lines) {
    const ends = end.exec(line)
    const rest = ends ? line.slice(ends.index + ends[0].length) : ''
    if (open && isWithin(line, open)) {
      kept.push(`${blank}${rest}`)
      open = ends || open.left-- === 0 ? undefined : open
      continue
    }
    // A mark without a key behind it is only words.
    if (open?.timed === undefined) open = undefined
    const begins = begin.exec(line)
    if (begins) {
      const last = line.slice(begins.index).split(end).at(-1) ?? ''
      const isOpen = !end.test(line) || begin.test(last)
      kept.push(`${line.slice(0, begins.index)}${blank}${isOpen ? '' : last}`)
      if (isOpen) open = { left: longestBlock }
    } else {
      if (ends) blankBehind(kept)
      kept.push(ends ? `${blank}${rest}` : line)
    }
  }
  return kept
}

/** A line of the proxy may come between those of a block. */
function isWithin(line: string, block: Block): boolean {
  const ownTime = /^\[?\d{4}-\d\d-\d\dT/.test(line)
  if (block.timed === undefined && (!ownTime || keyBytes.test(line))) block.timed = ownTime
  return block.timed === true || !ownTime || keyBytes.test(line)
}

function blankBehind(kept: string[]): void {
  for (let at = kept.length - 1; at >= Math.max(0, kept.length - longestBlock); at--) {
    const line = kept[at] ?? ''
    if (!/^[A-Za-z0-9+/=\s]*$/.test(line) && !/^(?:Proc-Type|DEK-Info):/.test(line)) return
    kept[at] = blank
  }
}

const keyBytes = /[A-Za-z0-9+/]{60,}={0,2}/

const secretShapes: readonly RegExp[] = [new RegExp(keyBytes, 'g'), /\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, /\bBearer\s+\S+/gi]

/** Lines of Envoy itself as JSON. Source: istio/istio:tools/packaging/common/envoy_bootstrap.json (`log_json`). */
function asText(line: string): string {
  if (!line.startsWith('{') || line.length > 20_000 || !line.includes('"envoy ')) return line
  const parsed = parseJson(line)
  if (parsed.kind !== 'value') return line
  const [time, level, scope, caller, msg] = ['time', 'level', 'scope', 'caller', 'msg'].map(each => textOf(field(parsed.value, each)))
  return time && level && scope?.startsWith('envoy ') && msg !== undefined ? `${time}\t${level}\t${scope} ${caller ?? '-'}\t${msg}` : line
}

function blanked(line: string): string {
  const clipped = line.length > longestLine ? `${line.slice(0, longestLine)}…` : line
  return secretShapes.reduce((text, shape) => text.replace(shape, '[blanked]'), clipped.replaceAll('\t', '  '))
}

/** Of a request only what Envoy says of its handshake: paths may hold any word. */
function isAboutCertificates(line: string): boolean {
  if (/^\[\d{4}-|^\s*\{/.test(line)) return /TLS_error|CERTIFICATE_VERIFY|OPENSSL_internal/.test(line)
  return /certificate|\bsecrets?\b|\bsds\b|x509|handshake|openssl|private key|tls_error/i.test(line)
}
