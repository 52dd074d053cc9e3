// Text that the YAML library reads and Kubernetes' reader refuses. Source: go-yaml v2 readerc.go, scannerc.go; istio pkg/config/validation.
import { Lexer } from 'yaml'
import type { YamlProblem } from './problem.ts'

const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]/
const directive = /^(?:\ufeff?[ \t]*(?:#.*)?\r?\n)*(%(?!\{)[^\r\n]*)/

/** What is wrong with the text beside its structure. `whole`: the library has no objection, so that its tokens can be trusted. */
export function refusedText(text: string, whole: boolean): readonly YamlProblem[] {
  return [...refusedDirective(text), ...refusedCharacter(text), ...(whole ? refusedTokens(text) : [])]
}

/** The tools cut a file at its `---` lines, so a directive ends up in a document of its own. */
function* refusedDirective(text: string): Generator<YamlProblem> {
  const [whole, line] = directive.exec(text) ?? []
  if (whole === undefined || line === undefined) return
  yield { code: 'DIRECTIVE', detail: line, span: { start: whole.length - line.length, end: whole.length } }
}

function* refusedCharacter(text: string): Generator<YamlProblem> {
  const found = control.exec(text)
  if (found) yield { code: 'CONTROL_CHARACTER', detail: found[0], span: { start: found.index, end: found.index + 1 } }
}

/** What the lexer says about the text instead of repeating it; one of these marks announces a scalar without quotes. */
const plain = '\u001f'
const markers: ReadonlySet<string> = new Set(['\u0002', '\u0018', plain])

/**
 * Tabs among the blanks that begin a line, which the library takes where nothing or a comment follows: Kubernetes' reader allows them inside
 * brackets and quotes, and behind an unquoted value where they stand further in. Escapes of JSON that YAML 1.1 does not have.
 */
function* refusedTokens(text: string): Generator<YamlProblem> {
  if (!/^ *\t/m.test(text) && !missingEscape.test(text)) return
  let offset = 0
  let depth = 0
  let line = ''
  let announced = false
  let behindPlain = false
  for (const token of new Lexer().lex(text)) {
    if (markers.has(token)) {
      announced = token === plain
      continue
    }
    if (/^[ \t]*\t/.test(token) && depth === 0 && /^ *$/.test(line) && !(behindPlain && line !== '')) {
      const tab = offset + token.indexOf('\t')
      yield { code: 'TAB_AS_INDENT', detail: 'tab', span: { start: tab, end: tab + 1 } }
      return
    }
    const jsonEscape = token.startsWith('"') ? missingEscape.exec(token) : null
    if (jsonEscape) {
      const start = offset + jsonEscape.index + jsonEscape[0].length - (jsonEscape[1] ?? '').length
      yield { code: 'BAD_DQ_ESCAPE', detail: jsonEscape[1] ?? '', span: { start, end: offset + jsonEscape.index + jsonEscape[0].length } }
    }
    if (token === '[' || token === '{') depth++
    if (token === ']' || token === '}') depth--
    if (token.trim() !== '') behindPlain = announced
    line = token.endsWith('\n') ? '' : line + token
    announced = false
    offset += token.length
  }
}

/** `\/`, and halves of characters beyond the first plane. */
const missingEscape = /(?<!\\)(?:\\\\)*(\\\/|\\u[dD][89a-fA-F][0-9a-fA-F]{2})/
