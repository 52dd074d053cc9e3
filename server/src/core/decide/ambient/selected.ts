// Whether a selector selects, where labels may be filled in later.
import type { Labels, Selector } from '../../istio/resources.ts'
import { isTemplated, selects } from '../../istio/selector.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'

/** `unknown` where a placeholder may become the label that is asked for. */
export type Selected = 'yes' | 'no' | 'unknown'

/** Of one workload's labels, asked for many selectors. */
export function selectedBy(labels: Labels): (selector: Selector | undefined) => Selected {
  const openKeys = Object.keys(labels).some(isPlaceholder)
  const openValues = new Set(Object.keys(labels).filter(key => isPlaceholder(labels[key] ?? '')))
  const isOpen = (key: string) => openKeys || openValues.has(key)
  return selector => {
    if (selects(selector, labels)) return 'yes'
    const differing = selector?.labels.filter(({ key, value }) => labels[key.value] !== value.value) ?? []
    return differing.every(each => isOpen(each.key.value) || isTemplate(each)) ? 'unknown' : 'no'
  }
}

type Label = Selector['labels'][number]

/** Known of each label of a policy, as it is asked for every workload. */
function isTemplate(label: Label): boolean {
  const known = templates.get(label) ?? isTemplated({ labels: [label] })
  templates.set(label, known)
  return known
}

const templates = new WeakMap<Label, boolean>()
