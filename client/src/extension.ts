// What the extension consists of, in the order it is made. Everything else is elsewhere.
import { join } from 'node:path'
import { type ExtensionContext, commands as vscodeCommands, workspace } from 'vscode'
import type { App } from './app.ts'
import { commands } from './commands/index.ts'
import { DemoMesh } from './demoMesh.ts'
import { tellDumps } from './dumpContext.ts'
import { AccessTexts } from './pages/access/texts.ts'
import { certificatePages } from './pages/certificate/panel.ts'
import { connectionPages } from './pages/connection/panel.ts'
import { EvaluateForm } from './pages/evaluate/panel.ts'
import { ExplanationText } from './pages/explanation/text.ts'
import { gatewayPages } from './pages/gateway/panel.ts'
import { ObjectTexts } from './pages/object/texts.ts'
import { resumeOnFocus } from './resume.ts'
import { Server } from './server.ts'
import { situation } from './state.ts'
import { StatusBar } from './statusBar.ts'
import { PolicyTests } from './tests/policyTests.ts'
import { AuthorityTexts } from './views/certificates/authorityTexts.ts'
import { CertificatesView } from './views/certificates/tree.ts'
import { Comparisons } from './views/policies/comparison.ts'
import { PoliciesView } from './views/policies/tree.ts'
import { WorkloadsView } from './views/workloads/tree.ts'
import { judgesYaml, YamlExtension } from './yamlExtension.ts'

// VS Code calls deactivate() without a context, and only waits for what that one returns.
let running: Server | undefined

export function activate(context: ExtensionContext): void {
  const server = new Server(context, judgesYaml)
  const statusBar = new StatusBar(server)
  const app: App = {
    server,
    demo: new DemoMesh(context.asAbsolutePath(join('dist', 'demo.cjs')), server.log),
    workloads: new WorkloadsView(server, context.workspaceState),
    policies: new PoliciesView(server, context.workspaceState),
    comparisons: new Comparisons(server),
    certificates: new CertificatesView(server, context.workspaceState),
    certificatePages: certificatePages(server),
    connectionPages: connectionPages(server),
    gatewayPages: gatewayPages(server),
    authorityTexts: new AuthorityTexts(server),
    policyTests: new PolicyTests(server),
    evaluateForm: new EvaluateForm(server, context),
    accessTexts: new AccessTexts(server),
    explanation: new ExplanationText(),
    objectTexts: new ObjectTexts(server),
  }
  context.subscriptions.push(
    ...Object.values(app),
    statusBar,
    ...Object.entries(commands).map(([id, handler]) => vscodeCommands.registerCommand(id, (target?: unknown) => handler(app, target))),
    ...[app.workloads, app.policies, app.certificates].map(view =>
      view.onDidChangeVisibility(({ visible }) => {
        if (!visible) return
        statusBar.show()
        server.look()
      }),
    ),
    server.onState(state => vscodeCommands.executeCommand('setContext', 'istioSecurity.state', situation(state))),
    workspace.onDidGrantWorkspaceTrust(() => server.restart()),
    resumeOnFocus(server),
    tellDumps(),
  )
  running = server
  void server.start()
  context.subscriptions.push(new YamlExtension(server))
}

export async function deactivate(): Promise<void> {
  await running?.stop()
}
