import type { DestinationRule } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'

/** Whether it is certain which hosts a rule is for: a short name means the namespace where the rule is applied. */
export function namesItsHosts({ host, namespace, at }: DestinationRule): boolean {
  if (!host || isPlaceholder(host.value) || isPlaceholder(namespace)) return false
  return host.value.includes('.') || host.value === '*' || at.namespace !== undefined
}
