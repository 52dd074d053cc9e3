// The last row of the Certificates view: read the certificates of more workloads.
import type { Handler } from '../app.ts'

export const loadMoreCertificates: Handler = ({ certificates }) => certificates.loadMore()
