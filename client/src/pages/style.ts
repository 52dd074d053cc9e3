// The look that all pages share: the theme's own colours only, so that they fit dark, light and high contrast.

export const commonStyle = `
body { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); color: var(--vscode-editor-foreground); background: var(--vscode-editor-background); margin: 0; padding: 1.25rem 1.5rem 2rem; line-height: 1.5; }
main { max-width: 68rem; }
h1 { font-size: 1.5em; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1em; font-weight: 600; margin: 1.75rem 0 .5rem; }
p { margin: .25rem 0; }
a { color: var(--vscode-textLink-foreground); }
code { color: inherit; background: none; padding: 0; font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); overflow-wrap: anywhere; }
.quiet { color: var(--vscode-descriptionForeground); font-weight: 400; }
header { display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: baseline; justify-content: space-between; }
nav { display: flex; flex-wrap: wrap; gap: 1rem; }
.mark { font-weight: 600; }
`
