import type { Fields } from '../../istio/schema/fields.ts'
import { objectMeta } from '../../istio/schema/objectMeta.ts'
import { isLabelValue, isQualifiedName } from '../../istio/values/objectName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Entry, entriesAt } from '../../yaml/tree.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

/** Source: k8s.io/apimachinery pkg/api/validation/objectmeta.go. */
const mostAnnotations = 256 * 1024

export default {
  id: 'label-syntax',
  on: 'schema',
  of: [objectMeta],
  entrywise: true,
  severity: 'error',
  istio: ['metadata'],
  summary: 'A label or an annotation of the object is malformed.',
  why: 'Keys are "name" or "example.com/name"; values of labels have at most 63 characters and no spaces. The API server refuses others.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
  labels: { owner: team payments }
spec: { mtls: { mode: STRICT } }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
  labels: { owner: team-payments }
spec: { mtls: { mode: STRICT } }
`,

  *check({ fields }) {
    const labels = written(fields, 'labels')
    const annotations = written(fields, 'annotations')
    for (const { key } of labels) if (!isQualifiedName(key.text)) yield badKey(key, 'label')
    // The API server compares the keys of annotations in lower case.
    for (const { key } of annotations) if (!isQualifiedName(key.text.toLowerCase())) yield badKey(key, 'annotation')
    for (const { key, value } of labels) {
      if (value?.kind !== 'scalar' || typeof value.value !== 'string' || isPlaceholder(value.value) || isLabelValue(value.value)) continue
      yield problem(
        value,
        value.value.length > 63
          ? `The value of "${key.text}" is longer than 63 characters, so the API server refuses the object. Shorten it, or make it an annotation.`
          : `"${value.value}" is no valid label value, so the API server refuses the object. ${form}, or make it an annotation.`,
      )
    }
    const size = annotations.reduce((sum, { key, value }) => sum + bytes(key.text) + (value?.kind === 'scalar' ? bytes(value.text) : 0), 0)
    const key = fields.key('annotations')
    if (key && size > mostAnnotations) {
      yield problem(
        key,
        'The annotations are larger than 256 KiB together, so the API server refuses the object. Keep large texts elsewhere.',
      )
    }
  },
} satisfies SchemaRule

const form = 'Use letters, digits, "-", "_" and ".", with a letter or digit at both ends'

function written(fields: Fields, name: string): readonly Entry[] {
  return entriesAt(fields.get(name)).filter(({ key }) => !isPlaceholder(key.text))
}

function badKey(key: Entry['key'], what: string): Problem {
  return problem(
    key,
    `"${key.text}" is no valid ${what} key, so the API server refuses the object. Write "name" or "example.com/name", with letters, digits, "-", "_" and ".".`,
  )
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length
}
