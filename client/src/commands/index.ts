// Which command does what. Every id is declared in package.json, and every declared command is here (a test compares them).
import type { Handler } from '../app.ts'
import { copyCertificatePem, copyIdentity, openCertificateText, refreshCertificate } from './certificatePage.ts'
import { evaluate } from './evaluate.ts'
import { explainDenial } from './explainDenial.ts'
import { inspectCertificate } from './inspectCertificate.ts'
import { loadMoreCertificates } from './loadMoreCertificates.ts'
import { openDemo } from './openDemo.ts'
import { refresh } from './refresh.ts'
import { restartServer } from './restartServer.ts'
import { runPolicyTests } from './runPolicyTests.ts'
import { selectContext } from './selectContext.ts'
import { showLog } from './showLog.ts'
import { whoCanCall } from './whoCanCall.ts'

export const commands: Readonly<Record<string, Handler>> = {
  'istioSecurity.inspectCertificate': inspectCertificate,
  'istioSecurity.refreshCertificate': refreshCertificate,
  'istioSecurity.copyIdentity': copyIdentity,
  'istioSecurity.copyCertificatePem': copyCertificatePem,
  'istioSecurity.openCertificateText': openCertificateText,
  'istioSecurity.loadMoreCertificates': loadMoreCertificates,
  'istioSecurity.evaluate': evaluate,
  'istioSecurity.whoCanCall': whoCanCall,
  'istioSecurity.explainDenial': explainDenial,
  'istioSecurity.runPolicyTests': runPolicyTests,
  'istioSecurity.selectContext': selectContext,
  'istioSecurity.refresh': refresh,
  'istioSecurity.openDemo': openDemo,
  'istioSecurity.restartServer': restartServer,
  'istioSecurity.showLog': showLog,
}
