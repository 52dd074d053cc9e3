// Which files are Kustomize patches: partial objects that only make sense over a base.
import type { Node } from '../yaml/tree.ts'
import { entriesAt, itemsAt, stringAt } from '../yaml/tree.ts'

/** As what a kustomization lists a file: part of an object, or a whole one. */
export type Role = 'patch' | 'resource'

export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

const kustomization = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/
/** `patches/gateway.yaml`, `gateway-patch.yaml`, `patch-gateway.yaml`. */
const named = /\/(?:patch(?:es)?\/[^/]+|patch(?:[_.-][^/]+)?\.(?:ya?ml|json)|[^/]+[_.-]patch\.(?:ya?ml|json))$/i

/** Files that say by their name or folder that they are patches. */
export function isNamedPatch(uri: string): boolean {
  return named.test(uri)
}

export function isKustomization(uri: string): boolean {
  return kustomization.test(uri)
}

/** The files that a kustomization or a component lists, by URI. */
export function rolesIn(uri: string, root: Node | undefined): ReadonlyMap<string, Role> {
  const texts = (field: string, ...path: readonly string[]) => itemsAt(root, field).flatMap(item => stringAt(item, ...path)?.value ?? [])
  const patches = [...texts('patchesStrategicMerge'), ...texts('patches', 'path'), ...texts('patchesJson6902', 'path')]
  const resources = [...texts('resources'), ...texts('bases')]
  const listed = (role: Role) => (path: string) => uriOf(path, uri).map(each => [each, role] as const)
  return new Map([...resources.flatMap(listed('resource')), ...patches.flatMap(listed('patch'))])
}

/** Instead of the name of a file there may stand the patch itself, a folder or a repository. */
function uriOf(path: string, base: string): readonly string[] {
  if (!/^[^\n:]+\.(?:ya?ml|json)$/i.test(path)) return []
  const escaped = path.replaceAll(/[%?#]/g, encodeURIComponent)
  return URL.canParse(escaped, base) ? [new URL(escaped, base).href] : []
}

/** `$patch: delete` and `$patch: replace` tell Kustomize what to do with a part of an object. */
export function hasPatchDirective(node: Node | undefined): boolean {
  if (node?.kind === 'sequence') return node.items.some(hasPatchDirective)
  return entriesAt(node).some(({ key, value }) => key.text === '$patch' || hasPatchDirective(value))
}
