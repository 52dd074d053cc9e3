// Values of `serviceAccounts`: `serviceAccount` or `namespace/serviceAccount`.
// Source: istio/istio:pkg/config/security/security.go (CheckServiceAccount).

/** Values in one list. */
export const mostServiceAccounts = 16
const longest = 320

/** What is wrong, in a sentence; undefined where the value is right. */
export function checkServiceAccount(text: string): string | undefined {
  if (text.includes('*')) return 'There are no wildcards here: name each account, or use "principals" or "namespaces".'
  const parts = text.split('/')
  if (parts.length > 2) return 'Write "namespace/serviceAccount", or only the name for the namespace of the policy.'
  if (parts[0] === '') return 'The namespace before the slash is missing.'
  if (parts[1] === '') return 'The service account after the slash is missing.'
  return utf8.encode(text).length > longest ? `It is longer than ${longest} bytes.` : undefined
}

const utf8 = new TextEncoder()

/** The CRD counts characters where Istio counts bytes. */
export function isTooLongForCrd(text: string): boolean {
  return [...text].length > longest
}

/** A whole identity names one account: `cluster.local/ns/shop/sa/web` is `shop/web`. */
export function repairServiceAccount(text: string): string | undefined {
  const [, namespace, name] = /(?:^|\/)ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(text) ?? []
  return namespace && name ? `${namespace}/${name}` : undefined
}
