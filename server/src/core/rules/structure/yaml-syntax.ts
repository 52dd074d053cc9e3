import { placeAt } from '../../yaml/cursor.ts'
import type { YamlDocument } from '../../yaml/parse.ts'
import type { YamlProblem } from '../../yaml/problem.ts'
import type { Span } from '../../yaml/tree.ts'
import { type DocumentRule, problem } from '../rule.ts'

/** Later syntax errors of a document are mostly echoes of the first. */
const most = 3

const words: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'A tab cannot indent YAML. Use spaces.',
  BAD_INDENT: 'This line is not indented like its neighbours, so YAML cannot tell what it belongs to. Align it with them.',
  MISSING_CHAR: 'Something is missing here: a ":" after a key, or a closing quote or bracket.',
  UNEXPECTED_TOKEN: 'YAML does not expect this here. Check the indentation and the quotes of this line.',
  MULTILINE_IMPLICIT_KEY: 'A key cannot go over several lines. Close the quote or the bracket on the line it was opened.',
  BAD_ALIAS: 'This alias has no anchor. Define it with "&" before it is used.',
  RESOURCE_EXHAUSTION: 'This document is nested too deeply to be read.',
  TOO_MANY_ALIASES: 'The aliases of this document unfold to more than Kubernetes reads. Write out what they stand for.',
  SELF_ALIAS: 'This alias stands inside its own anchor, so it would never end. Write out what it stands for.',
  BAD_DQ_ESCAPE: 'YAML has no such escape in double quotes. Use single quotes, or write the character itself.',
  BAD_TAG: 'The value is not what its tag (the word with "!!") demands. Remove the tag, or write such a value.',
  NO_NUMBER: 'YAML reads this as infinity or "not a number", which JSON and so Kubernetes does not have. Quote it.',
  NULL_KEY: 'YAML reads this key as null, and a key must be text. Write its name, in quotes if it is "null" or "~".',
  COMPLEX_KEY: 'A list or a map cannot be a key. Quote it if it is meant as text.',
  BAD_MERGE: '"<<" takes a map, or a list of maps: an alias of an anchored one.',
  DIRECTIVE: 'Kubernetes tools cut files at "---" and then find this directive without a document. Remove it.',
  CONTROL_CHARACTER: 'A control character stands here, which YAML does not allow. Remove it.',
  UNREADABLE: 'This document cannot be read as YAML.',
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

  *check(document) {
    const errors = document.problems.filter(each => each.code !== 'DUPLICATE_KEY')
    for (const error of errors.slice(0, most)) yield problem(whereOf(error, document), words[error.code] ?? `${error.detail}.`)
  },
} satisfies DocumentRule

/** A quote that is never closed is noticed at the end of the text; the mistake is where it was opened. */
function whereOf({ code, span }: YamlProblem, { root }: YamlDocument): Span {
  const open = code === 'MISSING_CHAR' ? placeAt(root, span.start) : undefined
  return open?.node?.kind === 'scalar' && open.node.quoted ? { start: open.span.start, end: open.span.start + 1 } : span
}
