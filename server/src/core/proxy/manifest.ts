// Certificates in Kubernetes objects that somebody gives as a file: the roots in a ConfigMap, and of a Secret what is public. Keys are dropped here, unread.
// Source: istio/istio: pkg/config/constants (root-cert.pem), pilot/pkg/credentials/kube (tls.crt, cert, ca.crt, cacert, ca.crl), security/pkg/pki/ca (cacerts).
import { fromBase64 } from '../certificate/pem.ts'
import { parseYaml } from '../yaml/parse.ts'
import { entriesAt, fromJson, itemsAt, type Node, stringAt } from '../yaml/tree.ts'
import type { Json } from './json.ts'

/** One value of an object that holds certificates, or that is said to be a private key. */
export interface ManifestPart {
  /** `shop/istio-ca-root-cert: root-cert.pem`. */
  readonly name: string
  /** Absent for a private key, which is not read. */
  readonly text?: string
}

/** Characters. An object has at most 1 MB in a cluster; a List of ConfigMaps of all namespaces stays below this. */
const longest = 4_000_000

/** Undefined where the text holds no ConfigMap or Secret with certificates. */
export function manifestParts(text: string): readonly ManifestPart[] | undefined {
  if (text.length > longest || !/^[ -]*["']?kind["']?:\s*["']?(ConfigMap|Secret|List)/m.test(text)) return undefined
  return whole(parseYaml(text, new Map(), longest).map(({ root }) => root))
}

/** The same of a parsed document. */
export function manifestPartsOf(document: Json): readonly ManifestPart[] | undefined {
  return whole([fromJson(document)])
}

function whole(objects: readonly (Node | undefined)[]): readonly ManifestPart[] | undefined {
  const parts = objects.flatMap(object => [object, ...itemsAt(object, 'items')]).flatMap(partsOf)
  return parts.some(({ text }) => text !== undefined) ? parts : undefined
}

function partsOf(object: Node | undefined): readonly ManifestPart[] {
  const kind = stringAt(object, 'kind')?.value
  if (kind !== 'ConfigMap' && kind !== 'Secret') return []
  const namespace = stringAt(object, 'metadata', 'namespace')?.value
  const name = [namespace, stringAt(object, 'metadata', 'name')?.value ?? kind].filter(Boolean).join('/')
  const encoded = kind === 'Secret' ? ['data', 'binaryData'] : ['binaryData']
  const plain = kind === 'Secret' ? ['stringData'] : ['data']
  return [
    ...encoded.flatMap(field => valuesOf(object, field, decoded).map(part => ({ ...part, name: `${name}: ${part.name}` }))),
    ...plain.flatMap(field => valuesOf(object, field, value => value).map(part => ({ ...part, name: `${name}: ${part.name}` }))),
  ]
}

function valuesOf(object: Node | undefined, field: string, read: (value: string) => string | undefined): readonly ManifestPart[] {
  return entriesAt(object, field).flatMap(({ key, value }): readonly ManifestPart[] => {
    if (isPrivateKey(key.text)) return [{ name: key.text }]
    const text = value?.kind === 'scalar' ? read(value.text) : undefined
    return text?.includes('-----BEGIN ') ? [{ name: key.text, text }] : []
  })
}

/** `tls.key`, `key.pem`, `ca-key.pem`, `key`; also a whole store of keys. */
function isPrivateKey(name: string): boolean {
  return /(^|[-_.])key([-_.]|$)|\.(p12|pfx|jks)$/i.test(name)
}

function decoded(value: string): string | undefined {
  const bytes = fromBase64(value.replace(/\s+/g, ''))
  return bytes && new TextDecoder().decode(bytes)
}
