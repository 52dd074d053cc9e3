// Which command does what. Every id is declared in package.json, and every declared command is here (a test compares them).
import type { Handler } from '../app.ts'
import { analyzeGateway, copyGatewayCommand, copyGatewayText, openGatewayText, refreshGateway } from './analyzeGateway.ts'
import { copyCertificateJson, copyCertificatePem, copyIdentity, openCertificateText, refreshCertificate } from './certificatePage.ts'
import { checkConnection, openConnectionText, refreshConnection } from './checkConnection.ts'
import { disconnect, selectNamespaces, useCluster } from './cluster.ts'
import { copyCertificateIdentity } from './copyCertificateIdentity.ts'
import { copyWorkloadIdentity } from './copyWorkloadIdentity.ts'
import { evaluate } from './evaluate.ts'
import { explainDenial } from './explainDenial.ts'
import { clearCertificatesFilter, filterCertificates } from './filterCertificates.ts'
import { clearPoliciesFilter, filterPolicies } from './filterPolicies.ts'
import { clearWorkloadsFilter, filterWorkloads } from './filterWorkloads.ts'
import { groupCertificates } from './groupCertificates.ts'
import { groupWorkloads } from './groupWorkloads.ts'
import { inspectCertificate } from './inspectCertificate.ts'
import { cancelCertificates, continueCertificates, loadMoreCertificates } from './loadMoreCertificates.ts'
import { openAuthority } from './openAuthority.ts'
import { openDemo } from './openDemo.ts'
import { openDiff } from './openDiff.ts'
import { openObject } from './openObject.ts'
import { copyPolicyName, openFinding, openFindingRule, openPolicy, openPolicyFile, showMorePolicies } from './policyRows.ts'
import { refresh } from './refresh.ts'
import { restartServer } from './restartServer.ts'
import { revealWorkload } from './revealWorkload.ts'
import { runPolicyTests } from './runPolicyTests.ts'
import { selectContext } from './selectContext.ts'
import { showInPolicies } from './showInPolicies.ts'
import { showInWorkloads } from './showInWorkloads.ts'
import { showLog } from './showLog.ts'
import { showMoreWorkloads } from './showMoreWorkloads.ts'
import { takeSnapshot } from './takeSnapshot.ts'
import { whoCanCall } from './whoCanCall.ts'

export const commands: Readonly<Record<string, Handler>> = {
  'istioSecurity.inspectCertificate': inspectCertificate,
  'istioSecurity.refreshCertificate': refreshCertificate,
  'istioSecurity.copyIdentity': copyIdentity,
  'istioSecurity.copyCertificatePem': copyCertificatePem,
  'istioSecurity.copyCertificateJson': copyCertificateJson,
  'istioSecurity.openCertificateText': openCertificateText,
  'istioSecurity.loadMoreCertificates': loadMoreCertificates,
  'istioSecurity.cancelCertificates': cancelCertificates,
  'istioSecurity.continueCertificates': continueCertificates,
  'istioSecurity.groupCertificates': groupCertificates,
  'istioSecurity.filterCertificates': filterCertificates,
  'istioSecurity.clearCertificatesFilter': clearCertificatesFilter,
  'istioSecurity.copyCertificateIdentity': copyCertificateIdentity,
  'istioSecurity.openAuthority': openAuthority,
  'istioSecurity.revealWorkload': revealWorkload,
  'istioSecurity.checkConnection': checkConnection,
  'istioSecurity.refreshConnection': refreshConnection,
  'istioSecurity.openConnectionText': openConnectionText,
  'istioSecurity.analyzeGateway': analyzeGateway,
  'istioSecurity.refreshGateway': refreshGateway,
  'istioSecurity.openGatewayText': openGatewayText,
  'istioSecurity.copyGatewayText': copyGatewayText,
  'istioSecurity.copyGatewayCommand': copyGatewayCommand,
  'istioSecurity.evaluate': evaluate,
  'istioSecurity.whoCanCall': whoCanCall,
  'istioSecurity.filterWorkloads': filterWorkloads,
  'istioSecurity.clearWorkloadsFilter': clearWorkloadsFilter,
  'istioSecurity.groupWorkloads': groupWorkloads,
  'istioSecurity.showMoreWorkloads': showMoreWorkloads,
  'istioSecurity.showInWorkloads': showInWorkloads,
  'istioSecurity.openObject': openObject,
  'istioSecurity.copyWorkloadIdentity': copyWorkloadIdentity,
  'istioSecurity.filterPolicies': filterPolicies,
  'istioSecurity.clearPoliciesFilter': clearPoliciesFilter,
  'istioSecurity.showMorePolicies': showMorePolicies,
  'istioSecurity.showInPolicies': showInPolicies,
  'istioSecurity.openPolicy': openPolicy,
  'istioSecurity.openPolicyFile': openPolicyFile,
  'istioSecurity.openDiff': openDiff,
  'istioSecurity.openFinding': openFinding,
  'istioSecurity.openFindingRule': openFindingRule,
  'istioSecurity.copyPolicyName': copyPolicyName,
  'istioSecurity.explainDenial': explainDenial,
  'istioSecurity.runPolicyTests': runPolicyTests,
  'istioSecurity.selectContext': selectContext,
  'istioSecurity.useCluster': useCluster,
  'istioSecurity.disconnect': disconnect,
  'istioSecurity.selectNamespaces': selectNamespaces,
  'istioSecurity.refresh': refresh,
  'istioSecurity.takeSnapshot': takeSnapshot,
  'istioSecurity.openDemo': openDemo,
  'istioSecurity.restartServer': restartServer,
  'istioSecurity.showLog': showLog,
}
