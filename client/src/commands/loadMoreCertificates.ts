// The last rows of the Certificates view: read the certificates of more workloads, stop reading, go on.
import type { Handler } from '../app.ts'
import type { MoreRow } from '../views/certificates/rows.ts'

export const loadMoreCertificates: Handler = ({ certificates }, target) => {
  if (isMoreRow(target)) certificates.loadMore(target)
}

export const cancelCertificates: Handler = ({ certificates }) => certificates.stop()

export const continueCertificates: Handler = ({ certificates }) => certificates.continue()

function isMoreRow(target: unknown): target is MoreRow {
  return target !== null && typeof target === 'object' && 'kind' in target && target.kind === 'more'
}
