// Every entry of a text with what it tells; lines that tell of one connection or request together are one.
import { readAccessLog } from './accessLog.ts'
import { type Entry, entriesOf } from './entries.ts'
import { readCheck } from './rbacLog.ts'
import { type Reading, refusalIn } from './refusal.ts'
import type { Told } from './told.ts'
import { readZtunnelLog } from './ztunnelLog.ts'

export interface Read {
  readonly entry: Entry
  readonly told: Told
  readonly reading: Reading
}

/** In the order of the text. Blocks that only say what an RBAC filter looks at are left out: they belong to its outcome. */
export function read(text: string): readonly Read[] {
  const reads: Read[] = []
  // By thread, where the log names it: threads write in between.
  const checks = new Map<string, Told>()
  for (const entry of entriesOf(text)) {
    const thread = /\bthread=(\d{1,10})/.exec(entry.text)?.[1] ?? ''
    const check = readCheck(entry)
    if (check) {
      checks.set(thread, check)
      continue
    }
    const told = readEntry(entry, checks.get(thread))
    reads.push({ entry, told, reading: refusalIn(told) })
  }
  return reads
}

const outcomes = /\b(?:enforced|shadow) (?:allowed|denied)\b/

function readEntry(entry: Entry, check: Told | undefined): Told {
  const { text, json, reporter } = entry
  const structured = readAccessLog(entry) ?? readZtunnelLog(entry)
  if (structured) return structured
  const signals = json ? messagesOf(json) : [text]
  const named = reporter === undefined ? {} : { reporter }
  if (outcomes.test(text)) return { ...(check ?? nothing), form: 'check', signals, ...named }
  // Envoy at the debug level repeats in its HTTP filter manager what the RBAC filter said.
  const repeats = text.includes('Sending local reply with details')
  return { ...nothing, form: 'text', signals, http: !repeats, ...named, ...(repeats ? { echo: true } : {}) }
}

const nothing: Told = { form: 'text', signals: [], flags: [], client: {}, server: {}, http: false }

/** Of an object that is no access log: what it says, not what a client sent. */
const sentByClients = /path|url|agent|authority|host|forwarded|referer|header|query/i

function messagesOf(json: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(json).flatMap(([key, value]) => (typeof value === 'string' && !sentByClients.test(key) ? [value] : []))
}
