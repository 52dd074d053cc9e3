// Which files are Kustomize patches: partial objects that only make sense over a base.
import type { Node } from '../yaml/tree.ts'
import { entriesAt, itemsAt, stringAt } from '../yaml/tree.ts'

/** Folders and files that say so themselves: `patches/gateway.yaml`, `gateway-patch.yaml`. */
const named = /(?:^|[/_.-])patch(?:es)?(?:[/_.-]|$)/i
const kustomization = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/

export function isNamedPatch(uri: string): boolean {
  return named.test(uri.slice(uri.lastIndexOf('/', uri.lastIndexOf('/') - 1)))
}

export function isKustomization(uri: string): boolean {
  return kustomization.test(uri)
}

/** The files that a kustomization patches with, as URIs. */
export function patchesOf(uri: string, root: Node | undefined): readonly string[] {
  const files = [
    ...itemsAt(root, 'patchesStrategicMerge').flatMap(item => stringAt(item) ?? []),
    ...['patches', 'patchesJson6902'].flatMap(field => itemsAt(root, field).flatMap(item => stringAt(item, 'path') ?? [])),
  ]
  // Where there is no name of a file stands the patch itself.
  return files.flatMap(({ value }) => (/^\S+\.(?:ya?ml|json)$/.test(value) && URL.canParse(value, uri) ? new URL(value, uri).href : []))
}

/** `$patch: delete` and `$patch: replace` tell Kustomize what to do with a part of an object. */
export function hasPatchDirective(node: Node | undefined): boolean {
  if (node?.kind === 'sequence') return node.items.some(hasPatchDirective)
  return entriesAt(node).some(({ key, value }) => key.text === '$patch' || hasPatchDirective(value))
}
