// Texts with a place in them: `<|>` marks where the pointer or the caret is, `<[` and `]>` mark a span.

export interface Marked {
  readonly text: string
  readonly offset: number
}

/** The text without its `<|>`, and where it stood. */
export function cursor(marked: string): Marked {
  const offset = marked.indexOf('<|>')
  if (offset < 0) throw new Error(`no <|> in ${JSON.stringify(marked)}`)
  return { text: marked.slice(0, offset) + marked.slice(offset + 3), offset }
}
