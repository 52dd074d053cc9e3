// The forms of names, labels and annotations. Source: k8s.io/apimachinery pkg/util/validation/validation.go.

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const word = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/

/** Of objects. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && subdomain.test(text)
}

/** Of namespaces: no dots. */
export function isLabel(text: string): boolean {
  return text.length <= 63 && label.test(text)
}

/** Of label and annotation keys: `name` or `example.com/name`. */
export function isQualifiedName(text: string): boolean {
  const [name, prefix, ...more] = text.split('/').toReversed()
  if (name === undefined || more.length > 0) return false
  return name.length <= 63 && word.test(name) && (prefix === undefined || isSubdomain(prefix))
}

export function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= 63 && word.test(text))
}
