// Asks for a pod where a command has none: one list of all pods of a cluster to type in, by namespace first where they are too many.
import { commands, window } from 'vscode'
import { GetPods, type OpenCluster, type PodList, type PodOfWorkload, type PodRef } from '../../../server/src/protocol.ts'
import type { Server } from '../server.ts'
import { visible, withoutIcons } from '../text.ts'
import type { WorkloadsRow } from '../views/workloads/rows.ts'

/** So many are one list. */
const limit = 1_000

export interface PodChoice {
  readonly title: string
  readonly placeHolder: string
  /** Absent: that of the selected row, else the cluster that files are judged against. */
  readonly context?: string | undefined
  /** Of the Workloads view: its pods come first. */
  readonly selected?: WorkloadsRow | undefined
}

export async function pickPod(server: Server, choice: PodChoice): Promise<PodRef | undefined> {
  const context = choice.context ?? contextOf(choice.selected)
  const list = await ask(server, context)
  if (!list) return undefined
  if (list.kind === 'pods') return pickAmong(server, list.pods, choice)
  const namespace = await pickNamespace(list, choice)
  if (namespace === undefined) return undefined
  const within = await ask(server, list.context, namespace)
  return within?.kind === 'pods' ? pickAmong(server, within.pods, choice) : undefined
}

interface Item {
  readonly label: string
  readonly description?: string
  readonly stands: 'other-cluster' | readonly PodOfWorkload[]
}

async function pickAmong(server: Server, pods: readonly PodOfWorkload[], choice: PodChoice): Promise<PodRef | undefined> {
  const others = choice.context === undefined && clustersOf(server).length > 1
  const [only, ...more] = pods
  if (!only && !others) tell('No pod is known here.')
  if (more.length === 0 && !others) return only && refOf(only)
  const { title, placeHolder, selected } = choice
  const first = pods.filter(each => isSelected(each, selected))
  const rest = pods.filter(each => !first.includes(each))
  const items: readonly Item[] = [
    ...first.map(each => podItem(each, ' · selected in Workloads')),
    ...byWorkload(rest).flatMap(each =>
      each.length > 1 ? [workloadItem(each), ...each.map(pod => podItem(pod))] : each.map(pod => podItem(pod)),
    ),
    ...(others ? [{ label: 'Another cluster…', stands: 'other-cluster' } as const] : []),
  ]
  const picked = await window.showQuickPick(items, { title, placeHolder, matchOnDescription: true })
  if (!picked) return undefined
  if (picked.stands !== 'other-cluster') return onePod(picked.stands, choice)
  const context = await pickCluster(server, choice)
  return context === undefined ? undefined : pickPod(server, { title, placeHolder, context })
}

async function onePod(pods: readonly PodOfWorkload[], { title }: PodChoice): Promise<PodRef | undefined> {
  const [only, ...more] = pods
  if (!only || more.length === 0) return only && refOf(only)
  const picked = await window.showQuickPick(
    pods.map(each => podItem(each)),
    { title, placeHolder: `Pod of ${visible(only.workload)}` },
  )
  const pod = picked?.stands[0]
  return pod && refOf(pod)
}

async function pickNamespace({ namespaces }: Extract<PodList, { kind: 'namespaces' }>, { title, placeHolder, selected }: PodChoice) {
  const own = selected && 'namespace' in selected ? selected.namespace : undefined
  const ordered = [...namespaces.filter(each => each === own), ...namespaces.filter(each => each !== own)]
  const items = ordered.map(namespace => ({ label: text(namespace), namespace }))
  const picked = await window.showQuickPick(items, { title, placeHolder: `${placeHolder}: its namespace` })
  return picked?.namespace
}

async function pickCluster(server: Server, { title }: PodChoice): Promise<string | undefined> {
  const items = clustersOf(server).map(({ context }) => ({ label: text(context), context }))
  const picked = await window.showQuickPick(items, { title, placeHolder: 'Cluster' })
  return picked?.context
}

function clustersOf({ clusters }: Server): readonly OpenCluster[] {
  return clusters?.open ?? []
}

/** Undefined where they are not known, which it tells. */
async function ask(server: Server, context: string | undefined, namespace?: string): Promise<PodList | undefined> {
  const asked = { limit, ...(context === undefined ? {} : { context }), ...(namespace === undefined ? {} : { namespace }) }
  const answer = await server.ask(client => client.sendRequest(GetPods, asked))
  if (answer.ok) return answer.value
  tell(`${answer.problem.message} ${answer.problem.remedy}`)
  return undefined
}

function byWorkload(pods: readonly PodOfWorkload[]): readonly (readonly PodOfWorkload[])[] {
  const groups = new Map<string, PodOfWorkload[]>()
  for (const pod of pods) {
    const key = `${pod.namespace}/${pod.workload}`
    groups.set(key, [...(groups.get(key) ?? []), pod])
  }
  return [...groups.values()]
}

function podItem(pod: PodOfWorkload, more = ''): Item & { readonly stands: readonly PodOfWorkload[] } {
  return { label: text(pod.name), description: `${text(pod.namespace)}${more}`, stands: [pod] }
}

function workloadItem(pods: readonly PodOfWorkload[]): Item {
  const [first] = pods
  return { label: text(first?.workload ?? ''), description: `${text(first?.namespace ?? '')} · ${pods.length} pods`, stands: pods }
}

function isSelected({ context, namespace, name, workload }: PodOfWorkload, row: WorkloadsRow | undefined): boolean {
  if (row?.kind === 'pod') return row.context === context && row.namespace === namespace && row.name === name
  return row?.kind === 'workload' && row.context === context && row.namespace === namespace && row.name === workload
}

function contextOf(row: WorkloadsRow | undefined): string | undefined {
  return row && 'context' in row ? row.context : undefined
}

function refOf({ namespace, name, context }: PodOfWorkload): PodRef {
  return { namespace, name, context }
}

function text(written: string): string {
  return visible(withoutIcons(written))
}

function tell(sentence: string): void {
  void window
    .showWarningMessage(visible(sentence), 'Select Context')
    .then(choice => choice && commands.executeCommand('istioSecurity.selectContext'))
}
