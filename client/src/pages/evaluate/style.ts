// The look of the form: controls as VS Code's own.
import { commonStyle } from '../style.ts'

const border = 'var(--vscode-contrastBorder, var(--vscode-editorWidget-border, var(--vscode-descriptionForeground)))'

export const style = `${commonStyle}
[hidden] { display: none !important; }
main { max-width: 52rem; }
form { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .4rem 1rem; align-items: start; margin-top: .75rem; }
.row { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; }
.row > label { padding-top: .25rem; }
input, select, textarea { box-sizing: border-box; width: 100%; font: inherit; color: var(--vscode-input-foreground); background: var(--vscode-input-background); border: 1px solid var(--vscode-input-border, ${border}); border-radius: 2px; padding: .25rem .4rem; }
select { color: var(--vscode-dropdown-foreground); background: var(--vscode-dropdown-background); border-color: var(--vscode-dropdown-border, ${border}); }
input, textarea { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); }
textarea { field-sizing: content; max-height: 10rem; resize: none; }
::placeholder { color: var(--vscode-input-placeholderForeground); opacity: 1; }
input:focus-visible, select:focus-visible, textarea:focus-visible, button:focus-visible, summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: -1px; }
details { grid-column: 1 / -1; }
details > div { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .4rem 1rem; margin-top: .4rem; }
summary { cursor: pointer; width: max-content; }
.answer { grid-column: 1 / -1; margin-top: .4rem; padding: .75rem 0 0; border-top: 1px solid ${border}; }
#verdict { font-size: 1.25em; margin: 0; overflow-wrap: anywhere; }
#verdict::before { font-weight: 600; margin-right: .4em; }
#verdict.allow::before { content: "✓"; color: var(--vscode-charts-green); }
#verdict.deny::before { content: "✗"; color: var(--vscode-errorForeground); }
#verdict.unknown::before { content: "?"; color: var(--vscode-list-warningForeground, var(--vscode-charts-yellow)); }
#verdict.problem::before { content: "!"; color: var(--vscode-list-warningForeground, var(--vscode-charts-yellow)); }
.actions { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .5rem; }
.actions button { font: inherit; padding: .3rem .8rem; border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); border-radius: 2px; color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); cursor: pointer; }
.actions button:hover { background: var(--vscode-button-secondaryHoverBackground); }
.actions button:disabled { opacity: .5; cursor: default; }
.link { font: inherit; padding: 0; border: 0; background: none; color: var(--vscode-textLink-foreground); text-decoration: underline; cursor: pointer; overflow-wrap: anywhere; text-align: start; }
.link:hover { color: var(--vscode-textLink-activeForeground); }
#others { grid-column: 1 / -1; }
#others h2 { margin-top: .5rem; }
table { border-collapse: collapse; width: 100%; }
th { font-weight: 400; text-align: start; }
thead th { color: var(--vscode-descriptionForeground); }
th, td { padding: .2rem 1rem .2rem 0; vertical-align: top; }
td { white-space: nowrap; }
td:last-child { white-space: normal; overflow-wrap: anywhere; padding-right: 0; }
@media (max-width: 22rem) { form, details > div { grid-template-columns: minmax(0, 1fr); } .row > label { padding-top: 0; } }
`
