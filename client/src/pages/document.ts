// The frame of every page: no network, only the style that carries the nonce, and no script but one that carries it too.
import { html } from '../text.ts'

export interface PageDocument {
  readonly title: string
  /** Finished markup and CSS. */
  readonly body: string
  readonly style: string
  /** Fresh for each load, letters and digits. */
  readonly nonce: string
  /** Of our own: JavaScript without `</script`. Absent: no script can run. */
  readonly script?: string
}

export function pageDocument({ title, body, style, nonce, script }: PageDocument): string {
  const scripts = script === undefined ? '' : ` script-src 'nonce-${nonce}';`
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}';${scripts} base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body><main>
${body}
</main>${script === undefined ? '' : `<script nonce="${nonce}">${script}</script>`}</body>
</html>`
}
