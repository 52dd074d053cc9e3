import type { VisitedObject } from '../../istio/schema/walk.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { stringAt } from '../../yaml/tree.ts'

/** The namespace as written; where none is, something else (Kustomize, `kubectl -n`) decides it later. */
export function namespaceOf({ fields }: VisitedObject): string | undefined {
  const namespace = stringAt(fields.get('metadata'), 'namespace')?.value
  return namespace && !isPlaceholder(namespace) ? namespace : undefined
}
