// A case as the text that people keep: one item of `cases`, and where it goes in a file.
import type { Decision } from '../decide/authorization/decision.ts'
import { isPolicyTest } from '../istio/file.ts'
import { testKind } from '../istio/schema/index.ts'
import { Lines, type Position } from '../yaml/lines.ts'
import { parseYaml } from '../yaml/parse.ts'
import { get, type Sequence } from '../yaml/tree.ts'
import { keyOf } from './run.ts'
import type { WrittenCase } from './writtenCase.ts'

export interface Insertion {
  readonly position: Position
  readonly text: string
}

/** Where a case is added to a file, empty or not: to the cases of its last policy test, else as a document of its own. */
export function insertCase(text: string, lines: readonly string[]): Insertion {
  const end = new Lines(text).position(text.length)
  const cases = lastCases(text)
  if (!cases) {
    const separator = text.trim() === '' ? '' : `${text.endsWith('\n') ? '' : '\n'}---\n`
    return { position: end, text: `${separator}kind: ${testKind}\ncases:\n${item(lines, 2)}` }
  }
  const all = new Lines(text)
  const indent = all.position(cases.span.start).character
  // What stands line by line ends where the next thing begins.
  const line = all.position(text.slice(0, cases.span.end).trimEnd().length).line
  const isLastLine = line >= all.count - 1
  const position = isLastLine ? end : { line: line + 1, character: 0 }
  return { position, text: `${isLastLine && !text.endsWith('\n') ? '\n' : ''}${item(lines, indent)}` }
}

/** Of the last document, if it is a policy test that lists its cases line by line. */
function lastCases(text: string): Sequence | undefined {
  const root = parseYaml(text).at(-1)?.root
  const cases = root && isPolicyTest(root) ? get(root, 'cases') : undefined
  return cases?.kind === 'sequence' && !cases.flow ? cases : undefined
}

function item(lines: readonly string[], indent: number): string {
  return lines.map((line, index) => `${' '.repeat(indent)}${index === 0 ? '- ' : '  '}${line}\n`).join('')
}

/** The fields of a case that expects what was decided, a line each; undefined where that is not known. */
export function caseLines(asked: WrittenCase, { decision, by }: Decision): readonly string[] | undefined {
  if (decision === 'unknown') return undefined
  const decider = by && ('published' in by ? { published: by.published } : { policy: keyOf(by.policy), rule: by.rule })
  const fields = { name: nameOf(asked), ...asked, expect: decision, by: decider }
  return Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${yaml(value)}`]))
}

/** `frontend calls checkout with POST /cart` */
function nameOf({ from, to, request }: WrittenCase): string {
  const short = (name: string) => name.slice(name.lastIndexOf('/') + 1)
  const caller = 'plaintext' in from ? 'a plaintext caller' : short('workload' in from ? from.workload : from.principal)
  const what = request ? [request.method, request.path].filter(part => part !== undefined).join(' ') : `port ${to.port ?? ''}`
  return [`${caller} calls ${short(to.service ?? to.workload)}`, ...(what.trim() === '' ? [] : [`with ${what}`])].join(' ')
}

/** In one line. JSON is YAML, so what needs quotes has those of JSON. */
function yaml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yaml).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, each]) => each !== undefined)
    return entries.length === 0 ? '{}' : `{ ${entries.map(([key, each]) => `${yaml(key)}: ${yaml(each)}`).join(', ')} }`
  }
  return typeof value === 'string' && isPlain(value) ? value : JSON.stringify(value)
}

/** A text to every reader of YAML, without quotes, also between braces. */
function isPlain(text: string): boolean {
  return /^[a-z/](?:[\w/.@+-]| (?=[\w/]))*$/i.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text)
}
