// What the commands work with. Everything with a lifetime is made once, in activate().
import type { DemoMesh } from './demoMesh.ts'
import type { AccessTexts } from './pages/access/texts.ts'
import type { CertificatePages } from './pages/certificate/panel.ts'
import type { EvaluateForm } from './pages/evaluate/panel.ts'
import type { ExplanationText } from './pages/explanation/text.ts'
import type { Server } from './server.ts'
import type { PolicyTests } from './tests/policyTests.ts'
import type { CertificatesView } from './views/certificates/tree.ts'
import type { WorkloadsView } from './views/workloads/tree.ts'

export interface App {
  readonly server: Server
  readonly demo: DemoMesh
  readonly workloads: WorkloadsView
  readonly certificates: CertificatesView
  readonly certificatePages: CertificatePages
  readonly policyTests: PolicyTests
  readonly evaluateForm: EvaluateForm
  readonly accessTexts: AccessTexts
  readonly explanation: ExplanationText
}

/** Runs a command. The argument is what VS Code passes: a row of a tree, ours or another extension's, or nothing. */
export type Handler = (app: App, target?: unknown) => Promise<void> | void
