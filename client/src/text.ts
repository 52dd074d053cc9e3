// Names and certificate subjects come from clusters and may be hostile: everything shown passes through here first.

// Control characters, invisible characters, and those that reorder the text around them (Unicode TR 36, "Trojan Source").
const deceptive = /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu

const longest = 2_000

/** The text with each deceptive character written out, such as `\u{202e}`, and cut where it would flood the page. */
export function visible(text: string): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}… (${text.length - longest} more characters)` : text
  return cut.replace(deceptive, character => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

/** Without the icons that VS Code makes of `$(check)` in the status bar and in lists to choose from. */
export function withoutIcons(text: string): string {
  return text.replaceAll('$(', '$ (')
}

/** Made visible, and safe between tags and within quoted attributes. */
export function html(text: string): string {
  return visible(text).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
