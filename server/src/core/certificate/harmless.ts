// Names in certificates and dumps are written by strangers. Before one is shown to a person, whatever could move the cursor,
// turn the reading direction or hide text is spelt out, and private keys are left out. JSON carries the raw value.
import { withoutPrivateKeys } from './privateKeys.ts'

const longest = 500

/** The text with control, direction and invisible characters as `\u{202e}`, clipped to 500 characters. */
export function harmless(text: string): string {
  // Before it is cut: the end of a key tells that it is one.
  const keyless = withoutPrivateKeys(text)
  const clipped = keyless.length > longest ? `${keyless.slice(0, longest)}…` : keyless
  return clipped.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, character => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
