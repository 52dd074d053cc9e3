// Refresh: read the cluster of a row anew, or all, after a change of permissions or a lost network.
import type { Handler } from '../app.ts'
import { contextIn } from './cluster.ts'

export const refresh: Handler = async ({ server, workloads, policies, comparisons, certificates, objectTexts }, target) => {
  await server.refresh(contextIn(target))
  workloads.refresh()
  policies.refresh()
  comparisons.refresh()
  certificates.refresh()
  objectTexts.refresh()
}
