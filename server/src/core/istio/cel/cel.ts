// CEL as the API server and Istio read it, as far as the library goes. Loaded only where there is an expression to read.
import { celEnv, parse, plan } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import { own } from '../own.ts'
import type { Cel } from './value.ts'

type Expr = ReturnType<typeof parse>['expr']

const environment = celEnv({ funcs: strings })

export const cel: Cel = {
  evaluate(expression, self) {
    try {
      const result = plan(environment, parse(expression))({ self })
      return typeof result === 'boolean' || typeof result === 'string' ? result : undefined
    } catch {
      return undefined
    }
  },

  errorAt(expression) {
    try {
      const { expr, sourceInfo } = parse(expression)
      return exprsIn(expr)
        .map(each => ({ each, at: sourceInfo?.positions[`${each.id}`] ?? 0 }))
        .find(({ each, at }) => isRefused(each, expression.slice(at)))?.at
    } catch (error) {
      return unread.some(form => form.test(expression)) ? undefined : offsetOf(error)
    }
  },
}

/** What cel-go reads and the library does not: the library's error says nothing of a text that has any of it. */
const unread: readonly RegExp[] = [
  // Comments, and names in backticks.
  /\/\//,
  /`/,
  // Blanks between signs, between parentheses, and before a lone comma.
  /[-!]\s+[-!]|[-!]{2}\s/,
  /\(\s+\)|[[{]\s+,/,
  // A sign before an unsigned number.
  /-\s*\d\w*u/i,
  // Names that begin with a keyword, and messages with a reserved name.
  /\b(?:true|false)\w/,
  /\b(?:as|break|const|continue|else|for|function|if|import|let|loop|package|namespace|return|var|void|while)\b[\s.\w]*\{/,
]

function offsetOf(error: unknown): number | undefined {
  return (error as { readonly location?: { readonly start: { readonly offset: number } } } | null)?.location?.start.offset
}

function exprsIn(expr: Expr | undefined): readonly Expr[] {
  return expr ? [expr, ...below(expr.exprKind).flatMap(exprsIn)] : []
}

function below(kind: Expr['exprKind']): readonly (Expr | undefined)[] {
  switch (kind.case) {
    case 'callExpr':
      return [kind.value.target, ...kind.value.args]
    case 'selectExpr':
      return [kind.value.operand]
    case 'listExpr':
      return kind.value.elements
    case 'structExpr':
      return kind.value.entries.flatMap(({ keyKind, value }) => (keyKind.case === 'mapKey' ? [keyKind.value, value] : [value]))
    case 'comprehensionExpr':
      return [kind.value.iterRange, kind.value.loopStep]
    default:
      return []
  }
}

/** What the library reads and cel-go does not. Source: google/cel-go parser/macro.go, parser/parser.go, parser/unescape.go. */
function isRefused({ exprKind }: Expr, text: string): boolean {
  if (exprKind.case === 'callExpr') {
    const { function: name, target, args } = exprKind.value
    // A macro that is still a call was given something else than it takes.
    return target ? (own(macros, name)?.includes(args.length) ?? false) : name === 'has' && args.length === 1 && !text.startsWith('.')
  }
  if (exprKind.case !== 'constExpr') return false
  const { constantKind } = exprKind.value
  switch (constantKind.case) {
    case 'int64Value':
      // One more where a minus stands apart from it.
      return constantKind.value > 2n ** 63n || constantKind.value < -(2n ** 63n)
    case 'uint64Value':
      return constantKind.value >= 2n ** 64n
    case 'doubleValue':
      return !Number.isFinite(constantKind.value)
    case 'stringValue':
      return (literal.exec(text)?.[2] ?? '').replaceAll(escapes, '').includes('\\')
    default:
      return false
  }
}

/** Macros of a value, with how many arguments they have. */
const macros: Readonly<Record<string, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  existsOne: [2],
  filter: [2],
  map: [2, 3],
}

/** A text that is not raw. */
const literal = /^("""|'''|["'])((?:\\.|[^\\])*?)\1/s
const escapes = /\\(?:[abfnrtv"'\\?`]|[xX][\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-3][0-7]{2})/g
