// The look of the connection page.
import { commonStyle } from '../style.ts'

const line = 'var(--vscode-contrastBorder, var(--vscode-editorWidget-border, var(--vscode-descriptionForeground)))'

export const style = `${commonStyle}
a:focus-visible, summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
h3 { font-size: 1em; font-weight: 600; margin: 0; }
.verdict { font-size: 1.1em; margin: .75rem 0; }
.ok .mark, .verdict.ok .mark { color: var(--vscode-charts-green); }
.failed .mark, .verdict.fails .mark { color: var(--vscode-errorForeground); }
.unknown .mark, .warning .mark { color: var(--vscode-list-warningForeground, var(--vscode-charts-yellow)); }
.skipped { color: var(--vscode-descriptionForeground); }
.drawing { overflow-x: auto; }
.handshake { width: 100%; max-width: 38rem; min-width: 26rem; height: auto; display: block; font-family: var(--vscode-font-family); font-size: 13px; }
.handshake .end { fill: var(--vscode-editorWidget-background); stroke: ${line}; }
.handshake text { fill: var(--vscode-editor-foreground); }
.handshake .name { font-weight: 600; }
.handshake .role, .handshake text.skipped { fill: var(--vscode-descriptionForeground); }
.handshake line { stroke: var(--vscode-editor-foreground); stroke-width: 1.5; }
.handshake line.life { stroke: var(--vscode-descriptionForeground); stroke-width: 1; }
.handshake path { fill: var(--vscode-editor-foreground); }
.handshake line.skipped { stroke: var(--vscode-descriptionForeground); stroke-dasharray: 3 4; }
.handshake path.skipped { fill: var(--vscode-descriptionForeground); }
.handshake line.unknown { stroke-dasharray: 7 4; }
.handshake text.failed { fill: var(--vscode-errorForeground); font-weight: 600; }
.handshake line.failed { stroke: var(--vscode-errorForeground); stroke-width: 2.5; }
.handshake path.failed { fill: var(--vscode-errorForeground); }
.steps { margin: 0; padding-left: 1.75rem; }
.steps > li { margin: .6rem 0; overflow-wrap: anywhere; }
.steps ul { margin: .25rem 0; padding-left: 1.25rem; }
.remedy { border-left: 3px solid ${line}; padding-left: .6rem; }
summary { cursor: pointer; color: var(--vscode-descriptionForeground); }
footer { margin-top: 1.5rem; color: var(--vscode-descriptionForeground); }
`
