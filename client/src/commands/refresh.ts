// Refresh: read the cluster anew, after a change of permissions or a lost network.
import type { Handler } from '../app.ts'

export const refresh: Handler = async ({ server, workloads, certificates }) => {
  await server.refresh()
  workloads.refresh()
  certificates.refresh()
}
