// The look of the certificate page.
import { commonStyle } from '../style.ts'

export const style = `${commonStyle}
h3 { font-size: 1em; font-weight: 600; margin: 0 0 .25rem; }
a:focus-visible, summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
.identity { display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: baseline; justify-content: space-between; margin-top: .5rem; }
.identity code { font-size: 1.1em; }
.ok .mark { color: var(--vscode-charts-green); }
.warning .mark { color: var(--vscode-list-warningForeground, var(--vscode-charts-yellow)); }
.error .mark { color: var(--vscode-errorForeground); }
.info .mark { color: var(--vscode-descriptionForeground); }
.bar { position: relative; height: .75rem; margin: 1rem .5rem .75rem; border: 1px solid var(--vscode-contrastBorder, var(--vscode-editorWidget-border, var(--vscode-descriptionForeground))); border-radius: 3px; background: var(--vscode-editorWidget-background); }
.past { position: absolute; inset: 0 auto 0 0; width: var(--now); background: var(--vscode-progressBar-background); opacity: .55; }
.bar.error .past { background: var(--vscode-errorForeground); }
.renewal { position: absolute; top: -.3rem; bottom: -.3rem; left: 50%; border-left: 2px dashed var(--vscode-descriptionForeground); }
.now { position: absolute; top: -.35rem; bottom: -.35rem; left: var(--now); width: .45rem; margin-left: -.2rem; border-radius: 2px; background: var(--vscode-editor-foreground); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: .25rem 0; }
dt { color: var(--vscode-descriptionForeground); }
dd { margin: 0; overflow-wrap: anywhere; }
.dates { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem 2rem; margin: 0 .5rem; }
.dates div { display: block; }
.chain { list-style: none; display: flex; flex-wrap: wrap; align-items: stretch; gap: .5rem; margin: 0; padding: 0; }
.box { flex: 1 1 12rem; max-width: 22rem; padding: .6rem .8rem; border: 1px solid var(--vscode-contrastBorder, var(--vscode-editorWidget-border, var(--vscode-descriptionForeground))); border-radius: 4px; background: var(--vscode-editorWidget-background); overflow-wrap: anywhere; }
.link { align-self: center; text-align: center; white-space: nowrap; }
/* Zoomed in, or in a narrow tab: one below the other, and the arrows point down. */
@media (max-width: 45rem) {
  .chain { flex-direction: column; }
  .box { flex: none; max-width: none; }
  .link { align-self: flex-start; padding-left: .8rem; }
  .link [aria-hidden] { display: inline-block; transform: rotate(90deg); }
}
.checks { list-style: none; margin: 0; padding: 0; }
.checks li { display: grid; grid-template-columns: 1.25rem 1fr; }
details { margin-top: 1.5rem; }
summary { cursor: pointer; }
details section { margin: .75rem 0 1.25rem; }
footer { margin-top: 1.5rem; color: var(--vscode-descriptionForeground); }
`
