// Text that a template language turns into YAML: Helm, Go templates, gomplate, Jinja, ytt, Terraform, ERB, Concourse.

const expression = String.raw`\{\{(?:(?!\}\})[\s\S]){0,500}\}\}|\{%(?:(?!%\})[\s\S]){0,500}%\}|%\{[^\n}]{0,500}\}`
const marks = /\{\{|\{%|<%|\(\([\w./-]+\)\)|(?<![^\s])#@|^[ \t]*%\{/gm
/** What decides which lines are there. Helm runs it in comments too. */
const control = /^\{\{-?\s*(?:if|else|end|range|with|define|block|template|include)\b|^\{%|^#@/

/** An expression in a comment explains something, unless it opens or closes a block. */
export function hasTemplates(text: string): boolean {
  for (const { index } of text.matchAll(marks)) {
    if (control.test(text.slice(index, index + 80)) || !isInComment(text, index)) return true
  }
  return false
}

function isInComment(text: string, offset: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  return /(?:^|\s)#/.test(line.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'/g, quoted => '_'.repeat(quoted.length)))
}

/** Lines of a template language blanked, expressions in values replaced by letters: what is certain around them can be read, in its place. */
export function withoutTemplates(text: string): string {
  const fill = (letter: string) => (match: string) => match.replaceAll(/[^\r\n]/g, letter)
  return text
    .replaceAll(new RegExp(`^[ \\t]*(?:${expression})[ \\t]*$`, 'gm'), fill(' '))
    .replaceAll(new RegExp(expression, 'g'), fill('x'))
}
