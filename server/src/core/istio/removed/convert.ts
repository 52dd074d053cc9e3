// From an object of a removed kind to what does the same today.
import { type Node, stringAt } from '../../yaml/tree.ts'
import type { Service } from '../resources.ts'
import { convertPolicy } from './authentication.ts'
import type { Conversion } from './manifest.ts'
import { convertConfig, convertRole } from './rbac.ts'

export interface Replacement extends Conversion {
  readonly object: Node
  /** Objects that the new ones contain: the bindings of a role. */
  readonly contains: readonly Node[]
}

/** What replaces an object, seen among the others of its file; undefined where nothing of today does the same. */
export function convert(object: Node, others: readonly Node[], services: readonly Service[]): Replacement | undefined {
  const text = (node: Node, ...path: string[]) => stringAt(node, ...path)?.value
  const isKind = (node: Node, kind: string) => text(node, 'kind') === kind && (text(node, 'apiVersion') ?? '').startsWith('rbac.istio.io/')
  const near = services.filter(({ namespace }) => namespace === (text(object, 'metadata', 'namespace') ?? namespace))
  const bindingsOf = (role: Node) =>
    others.filter(
      each =>
        isKind(each, 'ServiceRoleBinding') &&
        text(each, 'spec', 'roleRef', 'name') === text(role, 'metadata', 'name') &&
        isNear(each, role),
    )
  const isNear = (a: Node, b: Node) => {
    const [one, other] = [text(a, 'metadata', 'namespace'), text(b, 'metadata', 'namespace')]
    return one === undefined || other === undefined || one === other
  }
  const whole = (conversion: Conversion | undefined, replaced: Node, contains: readonly Node[] = []) =>
    conversion && { ...conversion, object: replaced, contains }
  switch (text(object, 'kind')) {
    case 'Policy':
    case 'MeshPolicy':
      return whole(convertPolicy(object, near), object)
    case 'ServiceRole':
      return whole(convertRole(object, bindingsOf(object), near), object, bindingsOf(object))
    case 'ServiceRoleBinding': {
      const role = others.find(each => isKind(each, 'ServiceRole') && bindingsOf(each).includes(object))
      return role && whole(convertRole(role, bindingsOf(role), near), role, bindingsOf(role))
    }
    case 'ClusterRbacConfig':
    case 'RbacConfig':
      return whole(convertConfig(object), object)
    default:
      return undefined
  }
}
