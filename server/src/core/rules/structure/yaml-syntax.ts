import { placeAt } from '../../yaml/cursor.ts'
import { tooLong, type YamlProblem } from '../../yaml/problem.ts'
import type { Node, Span } from '../../yaml/tree.ts'
import { type DocumentRule, problem } from '../rule.ts'

/** Later syntax errors of a document are mostly echoes of the first. */
const most = 3

const words: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'A tab cannot indent YAML. Use spaces.',
  BAD_INDENT: 'This line is not indented like its neighbours, so YAML cannot tell what it belongs to. Align it with them.',
  MISSING_CHAR: 'Something is missing here: a ":" after a key, or a closing quote or bracket. Add it.',
  UNEXPECTED_TOKEN: 'YAML does not expect this here. Check the indentation and the quotes of this line.',
  MULTILINE_IMPLICIT_KEY: 'A key cannot go over several lines. Close the quote or the bracket on the line it was opened.',
  BAD_ALIAS: 'This alias has no anchor. Define it with "&" before it is used.',
  BLOCK_AS_IMPLICIT_KEY: 'A map or a list cannot begin in the middle of a line. Quote the value if it holds ": ", or begin a new line.',
  BLOCK_IN_FLOW: 'Inside brackets a list has no dashes. Separate its items by commas, or remove the brackets.',
  BAD_SCALAR_START: 'A value cannot begin with this character. Quote it.',
  KEY_OVER_1024_CHARS: 'A key can have at most 1024 characters. Look for a ":" that belongs to a text, and quote the text.',
  RESOURCE_EXHAUSTION: 'This document is nested too deeply to be read. Remove levels.',
  TOO_MANY_ALIASES: 'The aliases of this document unfold to more than Kubernetes reads. Write out what they stand for.',
  SELF_ALIAS: 'This alias is inside its own anchor, so it would never end. Write out what it stands for.',
  BAD_DQ_ESCAPE: 'YAML has no such escape in double quotes. Use single quotes, or write the character itself.',
  BAD_TAG: 'The value is not what its tag (the word with "!!") demands. Remove the tag, or write such a value.',
  NO_NUMBER: 'YAML reads this as infinity or "not a number", which JSON and so Kubernetes does not have. Quote it.',
  NULL_KEY: 'YAML reads this key as null, and a key must be text. Write its name, in quotes if it is "null" or "~".',
  COMPLEX_KEY: 'A list or a map cannot be a key. Quote it if it is meant as text.',
  BAD_MERGE: '"<<" takes a map, or a list of maps: an alias of an anchored one.',
  DIRECTIVE: 'Kubernetes tools cut files at "---" and then find this directive without a document. Remove it.',
  CONTROL_CHARACTER: 'YAML does not allow this control character. Remove it.',
  UNREADABLE: 'This document cannot be read, most likely because it is nested too deeply. Remove levels.',
}

export default {
  id: 'yaml-syntax',
  on: 'document',
  severity: 'error',
  istio: ['webhook', 'crd', 'strict', 'metadata'],
  summary: 'The text is not YAML.',
  why: 'Nothing can read the object, so it cannot be applied.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop
spec: { mtls: { mode: STRICT } }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`,

  *check(document, { text }) {
    const errors = document.problems.filter(({ code }) => code !== 'DUPLICATE_KEY' && code !== tooLong)
    for (const [index, error] of errors.slice(0, most).entries()) {
      const bracket = isOpenBracket(error) ? openBracket(document.root, error.span.start, text) : undefined
      const quote = error.code === 'MISSING_CHAR' ? openQuote(document.root, error.span.start) : undefined
      if (bracket) yield problem(first(bracket), 'YAML finds no end of this bracket. Close it, or indent the lines inside it.')
      else if (quote) yield problem(first(quote), 'This quote is never closed. Close it where the text in it ends.')
      // A bracket that has its end is only in the way of the mistake before.
      else if (index === 0 || !isOpenBracket(error)) yield problem(error.span, words[error.code] ?? `${error.detail}.`)
    }
  },
} satisfies DocumentRule

/** Quotes and brackets that are never closed are noticed where the text ends or goes on otherwise; the mistake is where they were opened. */
function openQuote(root: Node | undefined, offset: number): Span | undefined {
  const open = placeAt(root, offset)
  return open?.node?.kind === 'scalar' && open.node.quoted ? open.span : undefined
}

function isOpenBracket({ detail }: YamlProblem): boolean {
  return /^Flow \w+ .*end with a/.test(detail)
}

/** The innermost collection in brackets around an offset that does not end in one. */
function openBracket(node: Node | undefined, offset: number, text: string): Span | undefined {
  if (!node || node.kind === 'scalar' || offset < node.span.start || node.span.end < offset) return undefined
  const children = node.kind === 'sequence' ? node.items : node.entries.map(({ value }) => value)
  for (const child of children) {
    const inner = openBracket(child, offset, text)
    if (inner) return inner
  }
  const last = (node.kind === 'sequence' ? node.items : node.entries).at(-1)
  const isClosed = /[\]}]$/.test(text.slice(last?.span.end ?? node.span.start + 1, node.span.end))
  return /[[{]/.test(text.charAt(node.span.start)) && !isClosed ? node.span : undefined
}

function first({ start }: Span): Span {
  return { start, end: start + 1 }
}
