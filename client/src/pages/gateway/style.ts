// The look of the gateway page.
import { commonStyle } from '../style.ts'

const line = 'var(--vscode-contrastBorder, var(--vscode-editorWidget-border, var(--vscode-descriptionForeground)))'

export const style = `${commonStyle}
a:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.verdict { font-size: 1.1em; margin: .75rem 0; }
.ok .mark { color: var(--vscode-charts-green); }
.error .mark, .error-word { color: var(--vscode-errorForeground); }
.warning .mark { color: var(--vscode-list-warningForeground, var(--vscode-charts-yellow)); }
.info .mark { color: var(--vscode-descriptionForeground); }
.problems { list-style: none; margin: 0; padding: 0; }
.problems li { display: grid; grid-template-columns: 1.25rem 1fr; margin: .4rem 0; }
.problems p { overflow-wrap: anywhere; }
.about { font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid ${line}; overflow-wrap: break-word; min-width: 6rem; max-width: 22rem; }
th { font-weight: 600; color: var(--vscode-descriptionForeground); }
td ul { list-style: none; margin: 0; padding: 0; }
details { margin: .5rem 0; }
summary { cursor: pointer; }
summary > h2 { display: inline; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: .25rem 0 .75rem; }
dt { color: var(--vscode-descriptionForeground); }
dd { margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 1em; font-weight: 600; margin: .75rem 0 .25rem; overflow-wrap: anywhere; }
.lines { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); list-style: none; margin: .25rem 0; padding: 0; }
.lines li { overflow-wrap: anywhere; margin: .2rem 0; }
.commands { list-style: none; margin: .25rem 0; padding: 0; }
.commands li { margin: .6rem 0; }
.commands code { display: block; }
footer { margin-top: 1.5rem; color: var(--vscode-descriptionForeground); }
`
