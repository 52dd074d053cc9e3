// Inside brackets indentation means nothing to Kubernetes' reader, neither blanks nor tabs. The YAML library wants each line further in.

const token = /(?<=^|[\s[{,:])"(?:[^"\\]|\\[\s\S])*"|(?<=^|[\s[{,:])'(?:[^']|'')*'|(?<=^|\s)#[^\n]*|[[\]{}\n\t\r]/gm

/** The text with every flow collection on one line, each character in its place; as it is where brackets do not pair. */
export function withoutFlowLines(text: string): string {
  let depth = 0
  let flat = ''
  let end = 0
  for (const { 0: found, index } of text.matchAll(token)) {
    flat += text.slice(end, index)
    end = index + found.length
    if ((found === '[' || found === '{') && (depth > 0 || /(?:^|\s)$/.test(text.slice(Math.max(0, index - 1), index)))) depth++
    else if ((found === ']' || found === '}') && depth > 0) depth--
    flat += depth > 0 && !/^[[\]{}]$/.test(found) ? blank(found) : found
  }
  return depth === 0 ? flat + text.slice(end) : text
}

function blank(found: string): string {
  return found.startsWith('#') ? ' '.repeat(found.length) : found.replaceAll(/[\r\n\t]/g, ' ')
}
