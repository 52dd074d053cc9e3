// The pod that a name on the command line means: its own, or that of a workload, of which one pod is taken.
import { nearest } from '../core/istio/nearest.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { workloadNamed } from '../core/policytest/workloadNamed.ts'
import { list } from '../core/report/words.ts'
import { asides, CannotRun } from './cannotRun.ts'
import { didYouMean, namespacesOf, requireNamespaces } from './namespaces.ts'

export interface PodName {
  readonly namespace: string
  readonly name: string
}

/** Rejects a name that certainly nothing has; one that may not be known here is left to whoever asks the cluster for it. */
export function podNamed(mesh: Mesh, { namespace, name }: PodName): PodName {
  const pods = workloadNamed(mesh, `${namespace}/${name}`)?.pods ?? []
  const running = pods.filter(({ phase }) => phase === undefined || phase === 'Running')
  const [first, ...others] = (running.length > 0 ? running : pods).map(pod => pod.name)
  if (first !== undefined) {
    if (others.length > 0) asides.add(sentence(first, others, `${namespace}/${name}`))
    return { namespace, name: first }
  }
  if (!mesh.complete('Pod', namespace)) return { namespace, name }
  requireNamespaces([namespace], namespacesOf(mesh))
  throw new CannotRun(
    `there is no pod "${name}" in "${namespace}", and no workload with pods that is called so${meant(mesh, namespace, name)}`,
  )
}

function sentence(first: string, others: readonly string[], workload: string): string {
  const rest = others.length === 1 ? 'the other' : 'the others'
  return `of ${others.length + 1} pods of "${workload}": ${first}; ${rest}: ${list(others)}`
}

function meant(mesh: Mesh, namespace: string, name: string): string {
  const workloads = mesh.workloadsIn(namespace).flatMap(each => (each.pods.length > 0 ? [each.name] : []))
  const pods = mesh.in('Pod', namespace).map(pod => pod.name)
  const near = nearest(name, new Set(workloads)) ?? nearest(name, pods)
  if (near !== undefined) return didYouMean(near)
  return workloads.length > 0 ? `; workloads there: ${list([...new Set(workloads)])}` : ''
}
