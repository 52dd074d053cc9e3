// Label selectors as Istio reads them: every label written must be there with that value.
// Source: istio/istio:pkg/config/labels (Instance.SubsetOf).
import type { Span } from '../yaml/tree.ts'
import type { Labels, Selector } from './resources.ts'
import { isPlaceholder } from './values/placeholder.ts'

/** A missing or empty selector matches everything. */
export function selects(selector: Selector | undefined, labels: Labels): boolean {
  return !selector || selector.labels.every(({ key, value }) => labels[key.value] === value.value)
}

export function isSubset(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}

/** `{ app: 'checkout' }`. */
export function labelsOf({ labels }: Pick<Selector, 'labels'>): Labels {
  return Object.fromEntries(labels.map(({ key, value }) => [key.value, value.value]))
}

/** Whether a policy names workloads at all: an empty `matchLabels` counts as no selector. */
export function namesWorkloads(selector: Selector | undefined): boolean {
  return (selector?.labels.length ?? 0) > 0
}

/** From the first label to the last: what a message about the labels underlines. */
export function labelsSpan({ labels, span }: Selector): Span {
  const [first] = labels
  const last = labels.at(-1)
  return first && last ? { start: first.key.span.start, end: last.value.span.end } : span
}

const mostNamed = 3

/** `label app=checkout`; of many labels the first: `labels app=checkout, version=v2, zone=a and 2 more`. */
export function formatLabels(labels: Selector['labels']): string {
  const named = labels.slice(0, mostNamed).map(({ key, value }) => `${key.value}=${value.value}`)
  const more = labels.length > named.length ? ` and ${labels.length - named.length} more` : ''
  return `label${labels.length > 1 ? 's' : ''} ${named.join(', ')}${more}`
}

/** Whether something else fills in part of it later. */
export function isTemplated({ labels }: Pick<Selector, 'labels'>): boolean {
  return labels.some(({ key, value }) => isPlaceholder(key.value) || isPlaceholder(value.value))
}
