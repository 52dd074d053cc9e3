// Copy SPIFFE Identity: of a row of the Certificates view.
import { env, window } from 'vscode'
import type { Handler } from '../app.ts'
import { visible } from '../text.ts'
import type { CertificateRow } from '../views/certificates/rows.ts'

export const copyCertificateIdentity: Handler = async ({ certificates }, target) => {
  const row = isCertificate(target) ? target : certificates.selected
  if (!isCertificate(row) || !row.identity) return
  await env.clipboard.writeText(row.identity)
  window.setStatusBarMessage(visible(`Copied ${row.identity}`), 5_000)
}

function isCertificate(target: unknown): target is CertificateRow {
  return target !== null && typeof target === 'object' && 'kind' in target && target.kind === 'certificate'
}
