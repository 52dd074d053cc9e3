// Label selectors as Istio reads them: every label written must be there with that value.
// Source: istio/istio:pkg/config/labels (Instance.SubsetOf).
import type { Labels, Selector } from './resources.ts'

/** A missing or empty selector matches everything. */
export function selects(selector: Selector | undefined, labels: Labels): boolean {
  return !selector || selector.labels.every(({ key, value }) => labels[key.value] === value.value)
}

export function isSubset(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value)
}

/** Whether a policy names workloads at all: an empty `matchLabels` counts as no selector. */
export function namesWorkloads(selector: Selector | undefined): boolean {
  return (selector?.labels.length ?? 0) > 0
}
