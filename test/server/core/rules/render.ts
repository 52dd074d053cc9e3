// Renders a Go template with arbitrary values: every block may be left out or repeated, and every expression writes something else.

const expression = /\{\{(-\s)?\s*(\/\*[\s\S]*?\*\/|(?:(?!\}\})[\s\S])*?)\s*(\s-)?\}\}/g

type Part = string | { readonly inner: string }

/** `random(n)` answers a whole number below `n`. */
export function render(template: string, random: (below: number) => number): string {
  const parts = partsOf(template)
  let at = 0
  const word = () => ['alpha', 'beta', '7', 'true', 'cluster.local/ns/shop/sa/checkout'][random(5)] ?? ''
  return blocks(() => true)

  /** Up to the end of the block; `counts` says of every branch whether it is written. */
  function blocks(counts: (branch: number) => boolean): string {
    let out = ''
    for (let branch = 0; at < parts.length; ) {
      const part = parts[at++] ?? ''
      const text = typeof part === 'string' ? part : /^end\b/.test(part.inner) ? undefined : evaluated(part.inner)
      if (text === undefined) return out
      if (typeof part !== 'string' && /^else\b/.test(part.inner)) branch++
      else if (counts(branch)) out += text
    }
    return out
  }

  function evaluated(inner: string): string {
    if (/^(?:\/\*|\$\w*\s*:?=|else\b)/.test(inner)) return ''
    if (/^define\b/.test(inner)) return blocks(() => false)
    if (/^(?:if|with)\b/.test(inner)) {
      const chosen = random(2)
      return blocks(branch => branch === chosen)
    }
    if (!/^range\b/.test(inner)) return written(inner)
    const start = at
    let out = ''
    const times = random(3)
    for (let round = 0; round < Math.max(times, 1); round++) {
      at = start
      const once = blocks(() => true)
      if (round < times) out += once
    }
    return out
  }

  function written(inner: string): string {
    const indent = /\|\s*(n?)indent\s+(\d+)$/.exec(inner)
    if (!indent) return word()
    const lines = [
      ['added: a'],
      ['added: a', 'more:', '  deep: b'],
      ['added: {}'],
      ['open:'],
      ['- item: a'],
      ['mode: SIMPLE', 'caCertificates: a', 'clientCertificate: b', 'privateKey: c'],
      [],
    ][random(7)]
    const margin = ' '.repeat(Number(indent[2]))
    return (indent[1] ? '\n' : '') + (lines ?? []).map(line => margin + line).join('\n')
  }
}

function partsOf(template: string): readonly Part[] {
  const parts: Part[] = []
  let end = 0
  let trims = false
  for (const match of template.matchAll(expression)) {
    const [all, before, inner = '', after] = match
    const text = template.slice(end, match.index)
    const left = trims ? text.trimStart() : text
    parts.push(before ? left.trimEnd() : left, { inner: inner.trim() })
    end = match.index + all.length
    trims = after !== undefined
  }
  const rest = template.slice(end)
  return [...parts, trims ? rest.trimStart() : rest]
}
