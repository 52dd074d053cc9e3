// Which namespaces istiod looks at: `discoverySelectors` of the mesh's settings.
// Source: istio/istio:pkg/kube/namespace/filter.go (NewDiscoveryNamespacesFilter): one selector has to match the labels of the namespace, and
// there is no exception for the root namespace.

import { own } from '../istio/own.ts'
import type { Labels, Namespace, NamespaceSelector } from '../istio/resources.ts'

/** `unknown` where selectors are written and the labels of the namespace are not known. */
export function isDiscovered(
  selectors: readonly NamespaceSelector[] | undefined,
  namespace: Namespace | undefined,
): 'yes' | 'no' | 'unknown' {
  if (!selectors || selectors.length === 0) return 'yes'
  if (!namespace) return 'unknown'
  // istiod refuses the whole list where one operator is none, and goes on with what it had.
  if (selectors.some(({ expressions }) => expressions.some(({ operator }) => !Object.hasOwn(operators, operator)))) return 'unknown'
  return selectors.some(each => matches(each, namespace.labels)) ? 'yes' : 'no'
}

function matches({ labels: wanted, expressions }: NamespaceSelector, labels: Labels): boolean {
  return (
    Object.entries(wanted).every(([key, value]) => labels[key] === value) &&
    expressions.every(({ key, operator, values }) => own(operators, operator)?.(own(labels, key), values) ?? false)
  )
}

const operators: Readonly<Record<string, (value: string | undefined, values: readonly string[]) => boolean>> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: value => value !== undefined,
  DoesNotExist: value => value === undefined,
}
