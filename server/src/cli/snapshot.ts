// `istio-security snapshot`: the mesh of a cluster as a List, for offline use and for reports of defects.
import { randomUUID } from 'node:crypto'
import { readObject } from '../core/istio/read.ts'
import { writeSnapshot } from '../core/mesh/snapshot/write.ts'
import { count } from '../core/report/words.ts'
import { writeWhole } from '../workspace/writeWhole.ts'
import { asides, CannotRun } from './cannotRun.ts'
import { inOneLine } from './clusterOnce.ts'
import { requireNamespaces } from './namespaces.ts'
import { reason } from './world.ts'

export interface SnapshotOptions {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace: readonly string[]
  /** `-` or absent: standard output. JSON where it ends so, else YAML. */
  readonly out?: string
  readonly pseudonyms: boolean
  readonly version: string
}

/** Returns the text to print. What could not be read is told on standard error, and the rest is written. */
export async function snapshot({ kubeconfig, context, namespace, out = '-', pseudonyms, version }: SnapshotOptions): Promise<string> {
  const { readSnapshot } = await import('../cluster/snapshot.ts')
  const taken = await readSnapshot({
    namespaces: namespace,
    log: () => {},
    signal: new AbortController().signal,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  })
  if (!taken.ok) throw inOneLine(taken.problem, kubeconfig)
  const { gaps, ...rest } = taken.value
  requireNamespaces(namespace, {
    names: new Set(namespace.length > 0 ? rest.objects.flatMap(namespaceIn) : []),
    whole: rest.complete.some(each => each.kind === 'Namespace' && each.namespace === undefined),
  })
  for (const { message } of gaps) asides.add(message)
  if (rest.complete.length === 0) throw new CannotRun('the cluster lets this account read nothing that a snapshot holds')
  const written = writeSnapshot(
    { ...rest, taken: new Date().toISOString(), version },
    { format: out.endsWith('.json') ? 'json' : 'yaml', ...(pseudonyms ? { pseudonyms: { seed: randomUUID() } } : {}) },
  )
  if (out === '-') return written.text
  await writeWhole(out, written.text).catch(error => {
    throw new CannotRun(`cannot write "${out}": ${reason(error)}`)
  })
  process.stderr.write(`istio-security: ${count(written.objects, 'object')} written to "${out}"\n`)
  return ''
}

/** Its name, where the object is a namespace. */
function namespaceIn(object: unknown): readonly string[] {
  const namespace = readObject(object, { from: 'cluster', context: '' })
  return namespace?.kind === 'Namespace' ? [namespace.name] : []
}
