// The door of this folder, loaded on the first need of a cluster. What is behind it needs Node 22.19, so that is asked here.
import { explainProblem } from '../core/report/problem.ts'
import type { Answer, ContextInfo } from '../protocol.ts'
import { systemClock } from './clock.ts'
import type { ClusterConnection, ConnectionOptions } from './connection.ts'
import { contextsOf, kubeconfigFiles, readKubeconfig } from './kubeconfig.ts'
import { runtimeProblem } from './runtime.ts'

/** Starts connecting; the connection tells how it goes. */
export async function connect(options: Omit<ConnectionOptions, 'clock'>): Promise<Answer<ClusterConnection>> {
  const problem = runtimeProblem(process.versions.node)
  if (problem) return { ok: false, problem: explainProblem(problem) }
  const { ClusterConnection } = await import('./connection.ts')
  return { ok: true, value: new ClusterConnection({ ...options, clock: systemClock }) }
}

/** The contexts of the kubeconfig, to choose from. */
export async function listContexts(kubeconfig: string | undefined): Promise<Answer<readonly ContextInfo[]>> {
  const config = await readKubeconfig(kubeconfigFiles(kubeconfig))
  return config.ok ? { ok: true, value: contextsOf(config.value) } : { ok: false, problem: explainProblem(config.problem) }
}
