// Text that a template language turns into YAML: Helm, Go templates, gomplate, Jinja, ytt, Terraform, ERB, Concourse.
import { lineStartOf } from './lines.ts'
import type { Span } from './tree.ts'

// Whatever is written can be read in one way only, so that a line of many expressions is read in one go.
const goComment = String.raw`\{\{-?[ \t\r\n]{0,9}/\*(?:(?!\*/|\{\{/\*)[\s\S]){0,5000}\*/[ \t\r\n]{0,9}-?\}\}`
const goExpression = String.raw`${goComment}|(?<!\{)\{\{(?!-?[ \t\r\n]{0,9}/\*)(?:(?!\}\})[\s\S]){0,500}\}\}`
const expression = String.raw`${goExpression}|\{%(?:(?!%\})[\s\S]){0,500}%\}|%\{[^\n}]{0,500}\}`
const marks = /\{\{|\{%|<%|\(\([\w./-]+\)\)|(?<![^\s])#@|^[ \t]*%\{/gm
/** What decides which lines are there. Helm runs it in comments too. */
const control = /^\{\{-?\s*(?:if|else|end|range|with|define|block|template|include)\b|^\{%|^#@/

/** An expression in a comment explains something, unless it opens or closes a block. */
export function hasTemplates(text: string): boolean {
  let comment: Span = { start: 0, end: 0 }
  for (const { index } of text.matchAll(marks)) {
    if (control.test(text.slice(index, index + 80))) return true
    if (index >= comment.end) comment = commentAround(text, index)
    if (index < comment.start) return true
  }
  return false
}

/** The comment that ends the line of an offset; empty where there is none. */
function commentAround(text: string, offset: number): Span {
  const start = lineStartOf(text, offset)
  const lineBreak = text.indexOf('\n', offset)
  const end = lineBreak < 0 ? text.length : lineBreak
  const hash = text
    .slice(start, end)
    .replaceAll(quotes, quoted => '_'.repeat(quoted.length))
    .search(/(?<!\S)#/)
  return { start: hash < 0 ? end : start + hash, end }
}

const quotes = /(?<!\\)"(?:[^"\\]|\\.)*"|'[^']*'/g

const wholeLines = new RegExp(String.raw`^[ \t]*(?:(?:${expression})[ \t]*)+$`, 'gm')
/** `labels: {{- include "labels" . | nindent 4 }}` above lines of the same map. */
const startsMap = new RegExp(
  String.raw`^([ \t]*)[^\s#{][^\n{]*:[ \t]+((?:${expression})[ \t]*)$(?=[ \t]*\r?\n(?:[ \t]*\r?\n){0,9}\1[ \t]+(?:- |[\w"'./-]+:(?:\s|$)))`,
  'gm',
)

/** Lines of a template language blanked, expressions in values replaced by letters: what is certain around them can be read, in its place. */
export function withoutTemplates(text: string): string {
  return text
    .replaceAll(wholeLines, fill(' '))
    .replaceAll(startsMap, (line: string, _indent: string, last: string) => line.slice(0, -last.length) + fill(' ')(last))
    .replaceAll(new RegExp(expression, 'g'), fill('x'))
}

function fill(letter: string): (match: string) => string {
  return match => match.replaceAll(/[^\r\n]/g, letter)
}

/** An expression of a Go template: `{{ … }}`. */
export interface Expression {
  readonly start: number
  readonly end: number
  /** `open` and `close` a block, `other` is its `else`; what is written where the expression stands; or nothing. */
  readonly does: 'open' | 'other' | 'close' | 'write' | 'nothing'
  /** `{{-` joins what follows to the text before it, `-}}` joins what precedes to the text behind it. */
  readonly trimsBefore: boolean
  readonly trimsAfter: boolean
  /** Column of every line it writes, by `indent` or `nindent`. */
  readonly indent?: number
  /** `nindent` starts with a new line. */
  readonly ownLines: boolean
}

/** The expressions of a text in which nothing but Go templates is at work; undefined for other languages and broken expressions. */
export function expressionsIn(text: string): readonly Expression[] | undefined {
  const found = [...text.matchAll(new RegExp(goExpression, 'g'))]
  const rest = text.replaceAll(new RegExp(goExpression, 'g'), fill(' '))
  if (rest.search(marks) >= 0 || found.some(([written]) => endsInText(written))) return undefined
  return found.map(({ 0: written, index }) => read(written, index))
}

/** `{{ "}}` is not all of the expression. */
function endsInText(written: string): boolean {
  return /["`]/.test(written.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`|\/\*[\s\S]*\*\//g, ''))
}

const effects: ReadonlyMap<string, Expression['does']> = new Map([
  ['if', 'open'],
  ['range', 'open'],
  ['with', 'open'],
  ['define', 'open'],
  ['block', 'open'],
  ['else', 'other'],
  ['end', 'close'],
  ['break', 'nothing'],
  ['continue', 'nothing'],
])

function read(written: string, start: number): Expression {
  const inner = written.slice(2, -2).replace(/^-\s/, ' ').replace(/\s-$/, ' ').trim()
  const indent = /\|\s*(n?)indent\s+(\d+)$/.exec(inner)
  const silent = /^\/\*|^\$\w*(?:\s*,\s*\$\w+)?\s*:?=/.test(inner)
  return {
    start,
    end: start + written.length,
    does: silent ? 'nothing' : (effects.get(/^[a-z]+\b/.exec(inner)?.[0] ?? '') ?? 'write'),
    trimsBefore: /^\{\{-\s/.test(written),
    trimsAfter: /\s-\}\}$/.test(written),
    ...(indent ? { indent: Number(indent[2]) } : {}),
    ownLines: indent?.[1] === 'n',
  }
}
