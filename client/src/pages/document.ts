// The frame of every page: no script, no network, and only the one style that carries the nonce.
import { html } from '../text.ts'

/** `body` and `style` are finished markup and CSS; `nonce`: fresh for each load, letters and digits. */
export function pageDocument(title: string, body: string, style: string, nonce: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body><main>
${body}
</main></body>
</html>`
}
