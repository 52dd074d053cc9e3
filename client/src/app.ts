// What the commands work with. Everything with a lifetime is made once, in activate().
import type { DemoMesh } from './demoMesh.ts'
import type { AccessTexts } from './pages/access/texts.ts'
import type { CertificatePages } from './pages/certificate/panel.ts'
import type { ConnectionPages } from './pages/connection/panel.ts'
import type { EvaluateForm } from './pages/evaluate/panel.ts'
import type { ExplanationText } from './pages/explanation/text.ts'
import type { GatewayPages } from './pages/gateway/panel.ts'
import type { ObjectTexts } from './pages/object/texts.ts'
import type { Server } from './server.ts'
import type { PolicyTests } from './tests/policyTests.ts'
import type { AuthorityTexts } from './views/certificates/authorityTexts.ts'
import type { CertificatesView } from './views/certificates/tree.ts'
import type { Comparisons } from './views/policies/comparison.ts'
import type { PoliciesView } from './views/policies/tree.ts'
import type { WorkloadsView } from './views/workloads/tree.ts'

export interface App {
  readonly server: Server
  readonly demo: DemoMesh
  readonly workloads: WorkloadsView
  readonly policies: PoliciesView
  readonly comparisons: Comparisons
  readonly certificates: CertificatesView
  readonly certificatePages: CertificatePages
  readonly connectionPages: ConnectionPages
  readonly gatewayPages: GatewayPages
  readonly authorityTexts: AuthorityTexts
  readonly policyTests: PolicyTests
  readonly evaluateForm: EvaluateForm
  readonly accessTexts: AccessTexts
  readonly explanation: ExplanationText
  readonly objectTexts: ObjectTexts
}

/** Runs a command. The argument is what VS Code passes: a row of a tree, ours or another extension's, or nothing. */
export type Handler = (app: App, target?: unknown) => Promise<void> | void
