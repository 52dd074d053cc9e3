// Text into Markdown. Names and labels come from files and clusters, so every character that Markdown reads is escaped.
import { type MarkupContent, MarkupKind } from 'vscode-languageserver-types'

/** For text inside a line: what begins blocks only at the start of a line may stay. Control and direction characters become visible. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<>~&|]/g, String.raw`\$&`)
    .replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replaceAll(/(?<=:)\/\/|(?<=\bwww)\.|@/gi, String.raw`\$&`)
}

export function bullets(lines: readonly string[]): string {
  return lines.map(line => `- ${escapeMarkdown(line)}`).join('\n')
}

export function markup(...paragraphs: readonly (string | undefined)[]): MarkupContent {
  return { kind: MarkupKind.Markdown, value: paragraphs.filter(paragraph => paragraph).join('\n\n') }
}
