// How a value of a policy is compared with a text. Source: istio/istio:pilot/pkg/security/authz/matcher/string.go, header.go.

export type StringMatch = (text: string) => boolean

/** `exact`, `prefix*`, `*suffix`, and `*` for every text but the empty one. A leading star is tested first: `*x*` ends in `x*`. */
export function stringMatch(value: string): StringMatch {
  if (value === '*') return text => text !== ''
  if (value.startsWith('*')) return endsIn(value.slice(1))
  if (value.endsWith('*')) return beginsWith(value.slice(0, -1))
  return equals(value)
}

/** Of headers: a bare `*` asks only that the header is there. */
export function headerMatch(value: string): StringMatch {
  return value === '*' ? () => true : stringMatch(value)
}

/** Of hosts: case does not matter. */
export function hostMatch(value: string): StringMatch {
  const matches = headerMatch(value.toLowerCase())
  return text => matches(text.toLowerCase())
}

export function equals(value: string): StringMatch {
  return text => text === value
}

export function beginsWith(value: string): StringMatch {
  return text => text.startsWith(value)
}

export function endsIn(value: string): StringMatch {
  return text => text.endsWith(value)
}

/** Every star stands for any text. Linear in both, unlike a regular expression that backtracks. */
export function glob(value: string): StringMatch {
  const [first = '', ...parts] = value.split('*')
  const last = parts.pop()
  if (last === undefined) return equals(value)
  return text => {
    if (!text.startsWith(first)) return false
    let from = first.length
    for (const part of parts) {
      const found = text.indexOf(part, from)
      if (found < 0) return false
      from = found + part.length
    }
    return text.length - last.length >= from && text.endsWith(last)
  }
}

/** Signs of regular expressions stand for themselves. */
export function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
