// The door of this folder, loaded on the first need of a cluster. What is behind it needs Node 22.19, so that is asked here.
import { explainProblem } from '../core/report/problem.ts'
import type { Answer, ContextInfo } from '../protocol.ts'
import { systemClock } from './clock.ts'
import type { ClusterConnection, ConnectionOptions } from './connection.ts'
import { contextsOf, kubeconfigFiles, readKubeconfig, targetOf } from './kubeconfig.ts'
import { runtimeProblem } from './runtime.ts'

/** Starts connecting; the connection tells how it goes. */
export async function connect(options: Omit<ConnectionOptions, 'clock'>): Promise<Answer<ClusterConnection>> {
  const problem = runtimeProblem(process.versions.node)
  if (problem) return { ok: false, problem: explainProblem(problem) }
  const { ClusterConnection } = await import('./connection.ts')
  return { ok: true, value: new ClusterConnection({ ...options, clock: systemClock }) }
}

/** The contexts to choose from: those of the configured kubeconfig, then those of other files; its problem where there are none at all. */
export async function listContexts(kubeconfig: string | undefined, others: readonly string[]): Promise<Answer<readonly ContextInfo[]>> {
  const files = kubeconfigFiles(kubeconfig)
  const configured = await readKubeconfig(files)
  const further = (await Promise.all(others.filter(each => !files.includes(each)).map(contextsIn))).flat()
  if (configured.ok) return { ok: true, value: [...contextsOf(configured.value), ...further] }
  return further.length > 0 ? { ok: true, value: further } : { ok: false, problem: explainProblem(configured.problem) }
}

/** The name of the current context; its problem where there is none. */
export async function currentContext(kubeconfig: string | undefined): Promise<Answer<string>> {
  const config = await readKubeconfig(kubeconfigFiles(kubeconfig))
  const target = config.ok ? targetOf(config.value, undefined) : config
  const name = config.ok ? config.value.currentContext : undefined
  if (name !== undefined) return { ok: true, value: name }
  return { ok: false, problem: explainProblem(target.ok ? { kind: 'not-connected' } : target.problem) }
}

/** Whether a kubeconfig that was chosen once is still there. */
export async function isThere(kubeconfig: string): Promise<boolean> {
  const config = await readKubeconfig(kubeconfigFiles(kubeconfig))
  return config.ok || config.problem.kind !== 'no-kubeconfig'
}

/** None where the file is gone, as that of a demo mesh that ended. */
async function contextsIn(kubeconfig: string): Promise<readonly ContextInfo[]> {
  const config = await readKubeconfig([kubeconfig])
  return config.ok ? contextsOf(config.value).map(context => ({ ...context, current: false, kubeconfig })) : []
}
