// What the readers of several kinds share: labels, numbers, flags, selectors and targets out of a YAML tree.
import { at, entriesAt, get, itemsAt, type Located, type Node, type Span, stringAt } from '../../yaml/tree.ts'
import type { Labels, Resource, Selector, TargetRef } from '../resources.ts'

/** What every object has, read before its kind is looked at. */
export type Common = Omit<Resource, 'kind'> & { readonly name: string }
export type Reader = (root: Node, common: Common) => Resource | undefined

export function labelsAt(root: Node | undefined, ...path: string[]): Labels {
  const labels: Record<string, string> = {}
  for (const { key, value } of entriesAt(root, ...path)) if (value?.kind === 'scalar') labels[key.text] = value.text
  return labels
}

export function numberAt(node: Node | undefined, ...path: (string | number)[]): number | undefined {
  const found = at(node, path)
  return found?.kind === 'scalar' && typeof found.value === 'number' ? found.value : undefined
}

export function flagAt(node: Node | undefined, ...path: string[]): boolean {
  const found = at(node, path)
  return found?.kind === 'scalar' && found.value === true
}

export function located(scalar: { readonly text: string; readonly span: Span }): Located<string> {
  return { value: scalar.text, span: scalar.span }
}

/** A number and where it was written. */
export function locatedNumberAt(node: Node | undefined, ...path: string[]): Located<number> | undefined {
  const found = at(node, path)
  return found?.kind === 'scalar' && typeof found.value === 'number' ? { value: found.value, span: found.span } : undefined
}

/** `selector.matchLabels` of security policies. */
export function readSelector(spec: Node | undefined): Selector | undefined {
  return readLabelSelector(spec, 'selector', 'matchLabels')
}

/** Labels that select workloads: a map of them below `field`, or below a key of it. */
export function readLabelSelector(spec: Node | undefined, field: string, ...below: readonly string[]): Selector | undefined {
  const selector = get(spec, field)
  if (!selector) return undefined
  const labels = entriesAt(selector, ...below).flatMap(({ key, value }) =>
    value?.kind === 'scalar' ? [{ key: located(key), value: { value: value.text, span: value.span } }] : [],
  )
  return { span: selector.span, labels }
}

/** `targetRef` counts only where `targetRefs` is empty. Source: pilot/pkg/model/policyattachment.go. */
export function readTargetRefs(spec: Node | undefined): readonly TargetRef[] {
  const many = itemsAt(spec, 'targetRefs')
  const one = get(spec, 'targetRef')
  return (many.length > 0 ? many : one ? [one] : []).flatMap(ref => {
    const targetKind = stringAt(ref, 'kind')
    const targetName = stringAt(ref, 'name')
    const namespace = stringAt(ref, 'namespace')?.value
    if (!ref || !targetKind || !targetName) return []
    return [{ span: ref.span, group: stringAt(ref, 'group')?.value ?? '', targetKind, targetName, ...(namespace ? { namespace } : {}) }]
  })
}
