// What the extension consists of, in the order it is made. Everything else is elsewhere.
import { join } from 'node:path'
import { type ExtensionContext, commands as vscodeCommands, workspace } from 'vscode'
import type { App } from './app.ts'
import { commands } from './commands/index.ts'
import { DemoMesh } from './demoMesh.ts'
import { AccessTexts } from './pages/access/texts.ts'
import { CertificatePages } from './pages/certificate/panel.ts'
import { CertificateTexts } from './pages/certificate/texts.ts'
import { EvaluateForm } from './pages/evaluate/panel.ts'
import { ExplanationText } from './pages/explanation/text.ts'
import { Server } from './server.ts'
import { situation } from './state.ts'
import { StatusBar } from './statusBar.ts'
import { PolicyTests } from './tests/policyTests.ts'
import { CertificatesView } from './views/certificates/tree.ts'
import { WorkloadsView } from './views/workloads/tree.ts'
import { judgesYaml, YamlExtension } from './yamlExtension.ts'

// VS Code calls deactivate() without a context, and only waits for what that one returns.
let running: Server | undefined

export function activate(context: ExtensionContext): void {
  const server = new Server(context, judgesYaml)
  const statusBar = new StatusBar(server)
  const texts = new CertificateTexts(server)
  const app: App = {
    server,
    demo: new DemoMesh(context.asAbsolutePath(join('dist', 'demo.cjs')), server.log),
    workloads: new WorkloadsView(server),
    certificates: new CertificatesView(server),
    certificatePages: new CertificatePages(server, texts),
    policyTests: new PolicyTests(server),
    evaluateForm: new EvaluateForm(server, context),
    accessTexts: new AccessTexts(server),
    explanation: new ExplanationText(),
  }
  context.subscriptions.push(
    ...Object.values(app),
    statusBar,
    texts,
    ...Object.entries(commands).map(([id, handler]) => vscodeCommands.registerCommand(id, (target?: unknown) => handler(app, target))),
    ...[app.workloads, app.certificates].map(view =>
      view.onDidChangeVisibility(({ visible }) => {
        if (!visible) return
        statusBar.show()
        server.look()
      }),
    ),
    server.onState(state => vscodeCommands.executeCommand('setContext', 'istioSecurity.state', situation(state))),
    workspace.onDidGrantWorkspaceTrust(() => server.restart()),
  )
  running = server
  void server.start()
  context.subscriptions.push(new YamlExtension(server))
}

export async function deactivate(): Promise<void> {
  await running?.stop()
}
