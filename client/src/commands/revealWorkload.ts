// Show in Workloads: the workload of a row of the Certificates view.
import { window } from 'vscode'
import { FindWorkload } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { visible } from '../text.ts'
import type { CertificateRow } from '../views/certificates/rows.ts'

export const revealWorkload: Handler = async ({ server, workloads, certificates }, target) => {
  const row = isCertificate(target) ? target : certificates.selected
  if (!isCertificate(row)) return
  // Below the row of a workload are those of its pods.
  const workload = row.id.split('/').slice(0, 3).join('/')
  const asked = { workload, context: row.context, view: workloads.shown }
  const answer = await server.ask(client => client.sendRequest(FindWorkload, asked))
  if (answer.ok) await workloads.reveal(answer.value)
  else void window.showWarningMessage(visible(`${answer.problem.message} ${answer.problem.remedy}`))
}

function isCertificate(target: unknown): target is CertificateRow {
  return target !== null && typeof target === 'object' && 'kind' in target && target.kind === 'certificate'
}
