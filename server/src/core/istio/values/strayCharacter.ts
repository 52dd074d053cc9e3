// Characters that nobody sees or meant, left over from copying: a value that is compared character by character equals nothing with them.

/** `name`: no blank belongs in it. `text`: blanks, quotes and dashes inside are part of it. */
export type Writing = 'name' | 'text'

const edge = '\\s\\p{Z}\\p{Cc}\\p{Cf}\\u201c-\\u201f'
const quotes = '\\u2018-\\u201f'
/** Beside blanks: quotes and dashes of a word processor, the ellipsis, frames drawn by a terminal. */
const typeset = `${quotes}\\u2010-\\u2015\\u2026\\u2500-\\u257f`

const atStart = new RegExp(`^[${edge}]`, 'u')
const atEnd = new RegExp(`[${edge}]$`, 'u')
const inside: Readonly<Record<Writing, RegExp>> = {
  name: new RegExp(`[\\s\\p{Z}\\p{Cc}\\p{Cf}${typeset}]`, 'u'),
  text: /[\p{Cc}\u200b\u2060\ufeff]/u,
}

/** What is there and where, in words: `a space at its end`. Undefined where nothing is. */
export function strayCharacter(text: string, writing: Writing): string | undefined {
  const first = atStart.exec(text)?.[0]
  if (first) return `${nameOf(first)} at its start`
  const last = atEnd.exec(text)?.[0]
  if (last) return `${nameOf(last)} at its end`
  const other = inside[writing].exec(text)?.[0]
  return other && `${nameOf(other)} in it`
}

/** The value that was meant, where there is only one. */
export function withoutStray(text: string, writing: Writing): string | undefined {
  const ends = new RegExp(`^[${edge}${quotes}]+|(?<![${edge}${quotes}])[${edge}${quotes}]+$`, 'gu')
  const cleaned = text.replaceAll(ends, '').replaceAll(/[\u00ad\u200b\u2060\ufeff]/gu, '')
  const meant = writing === 'name' ? cleaned.replaceAll(/[\u2010-\u2015]/gu, '-') : cleaned
  return meant !== '' && !/[\r\n]/.test(text) && strayCharacter(meant, writing) === undefined ? meant : undefined
}

const names: Readonly<Record<string, string>> = { ' ': 'a space', '\t': 'a tab', '\n': 'a line break', '\u00a0': 'a no-break space' }

function nameOf(character: string): string {
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
  if (Object.hasOwn(names, character)) return names[character] ?? code
  return /[\p{Z}\p{C}]/u.test(character) ? `an invisible character (${code})` : `the character ${character} (${code})`
}
