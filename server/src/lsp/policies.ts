// The Policies view: rows at once with what is known, and what is not known yet is worked out in small pieces, what is looked at first.
import { objectsOf } from '../core/istio/read.ts'
import { apiKind, type Resource } from '../core/istio/resources.ts'
import { textAsInCluster } from '../core/report/policies/asInCluster.ts'
import { driftOf, nodeOf } from '../core/report/policies/drift.ts'
import { knownFindings, liveFindings } from '../core/report/policies/liveFindings.ts'
import { type PolicyExtent, type PolicyFacts, policiesBelow, policyNodes, policyPath } from '../core/report/policies/policyTree.ts'
import { policiesByNamespace } from '../core/report/policies/scopes.ts'
import { isPolicy, type Policy } from '../core/report/policies/standing.ts'
import { explainProblem } from '../core/report/problem.ts'
import type { Finding, RuleSettings } from '../core/rules/run.ts'
import { Lines, type Range } from '../core/yaml/lines.ts'
import { parseYaml } from '../core/yaml/parse.ts'
import { at, type Path } from '../core/yaml/tree.ts'
import {
  type Answer,
  type Comparison,
  type FromContext,
  PolicyFactsChanged,
  type PolicyRow,
  type PolicyRowPath,
  type PolicySubject,
} from '../protocol.ts'
import type { ClusterSession } from './clusterSession.ts'
import type { Server } from './context.ts'
import { FileFacts } from './fileFacts.ts'
import { guarded } from './guard.ts'

/** Before an answer: enough for all policies of most clusters. */
const msBeforeAnswer = 30
/** In the background: a piece, and the pause after it. What is asked meanwhile waits no longer than a piece. */
const msOfPiece = 8
const msBetweenPieces = 30
/** Of a world that changes all the time not each version is judged. */
const msBetweenRounds = 3_000
/** In the background, of one cluster. */
const mostJudged = 5_000

type Asked = { readonly parent?: string; readonly context?: string } & PolicyExtent

interface Work {
  readonly waiting: Set<Policy>
  timer?: ReturnType<typeof setTimeout>
  /** Of the round that is under way. */
  began: number
  /** Before this no other one begins. */
  next: number
  found: boolean
}

export class Policies {
  readonly files: FileFacts
  private readonly server: Server
  private readonly work = new Map<ClusterSession, Work>()
  /** Of another version of the mesh, until this one is judged. */
  private readonly last = new WeakMap<Policy, readonly Finding[]>()
  private settings: RuleSettings = { severities: {}, structure: 'all' }

  constructor(server: Server) {
    this.server = server
    this.files = new FileFacts(server.workspace)
  }

  /** How objects of clusters are judged; the same until somebody sets rules otherwise. */
  get ruleSettings(): RuleSettings {
    const { rules } = this.server.workspace.settings
    if (this.settings.severities !== rules) this.settings = { severities: rules, structure: 'all' }
    return this.settings
  }

  /** Children of a row, the clusters for none. */
  async rows({ parent, context, ...extent }: Asked): Promise<Answer<readonly PolicyRow[]>> {
    const { sessions } = this.server
    sessions.want()
    if (parent === undefined) return sessions.rows()
    const session = this.connected(context)
    if (!session.ok) return session
    const within = parent.startsWith('cluster/') ? undefined : parent
    const facts = await this.factsOf(session.value)
    const all =
      within === undefined
        ? [...policiesByNamespace(session.value.mesh).values()].flat()
        : policiesBelow(session.value.mesh, within, extent, facts)
    await this.look(session.value, all.slice(0, mostJudged))
    return { ok: true, value: rowsOf(policyNodes(session.value.mesh, within, facts, extent), session.value) }
  }

  /** The policies of a place, in every open cluster that has them. */
  async find(subject: PolicySubject): Promise<Answer<readonly PolicyRowPath[]>> {
    const { sessions } = this.server
    await sessions.settled()
    const named = this.named(subject)
    const clusters = sessions.rows()
    if (!clusters.ok) return clusters
    const paths: PolicyRowPath[] = []
    for (const session of sessions.all.filter(({ context }) => named.context === undefined || context === named.context)) {
      const cluster = clusters.value.find(({ context }) => context === session.context)
      for (const { kind, namespace, name } of named.objects) {
        const ids = policyPath(session.mesh, kind, namespace, name)
        if (cluster && ids.length > 0) paths.push({ rows: [cluster, ...(await this.rowsAlong(ids, session))] })
      }
    }
    return { ok: true, value: paths }
  }

  /** The document of a file that speaks of a policy, and the same with what the judging cluster has. */
  async compare(subject: PolicySubject): Promise<Answer<Comparison>> {
    const { sessions, workspace } = this.server
    await sessions.settled()
    const session = this.connected(undefined)
    if (!session.ok) return session
    const { context, mesh } = session.value
    const { objects } = this.named(subject)
    const [object] = objects
    const missing = (what: string, { kind, namespace, name } = { kind: 'Policy', namespace: '', name: '' }) =>
      ({ ok: false, problem: explainProblem({ kind: 'not-found', resource: `${what}${kind}`, namespace, name }) }) as const
    const live = object && mesh.find(object.kind as Policy['kind'], object.namespace, object.name)
    if (!object || !live) return missing('', object)
    const written = object.resource ?? this.files.writtenOf(live)
    const uri = written?.source.from === 'file' ? written.source.uri : undefined
    const file = uri === undefined ? undefined : await workspace.fileAt(uri)
    const node = file && written && nodeOf(file, written)
    if (!file || !written || !node || written.source.from !== 'file') return missing('file with ', object)
    const { document: index } = written.source
    const document = file.documents.find(each => each.index === index)
    const whole = file.documents.length === 1
    const { start, end } = whole || !document ? { start: 0, end: file.text.length } : document.span
    const text = file.text.slice(start, end)
    const [own] = parseYaml(text)
    const root = objectsOf(own?.root)[objectsOf(document?.root).indexOf(node)]
    return {
      ok: true,
      value: {
        context,
        object: `${apiKind(live)} ${live.namespace}/${live.name}`,
        cluster: root ? textAsInCluster(text, root, live) : text,
        file: (await workspace.textOf(file.uri))?.file ?? file.uri,
        uri: file.uri,
        range: file.lines.range(written.at.kind),
        ...(whole ? {} : { document: text }),
      },
    }
  }

  /** What a policy of an open file is told to differ from: the judging cluster, where exactly this document speaks of it. */
  differsFrom(resource: Resource): string | undefined {
    const { sessions, workspace } = this.server
    const { judging } = sessions
    const file = resource.source.from === 'file' ? workspace.file(resource.source.uri) : undefined
    if (!judging?.world || !file || this.files.writtenOf(resource) !== resource || !isPolicy(resource)) return undefined
    const live = judging.mesh.find(resource.kind, resource.namespace, resource.name)
    const drift = live && driftOf(nodeOf(file, resource), live)
    return drift && drift.length > 0 ? judging.context : undefined
  }

  dispose(): void {
    for (const { timer } of this.work.values()) clearTimeout(timer)
    this.work.clear()
  }

  private connected(context: string | undefined): Answer<ClusterSession> {
    const session = this.server.sessions.of(context)
    if (!session.ok) return session
    const { world, problem } = session.value
    return world ? session : { ok: false, problem }
  }

  private async rowsAlong(ids: readonly string[], session: ClusterSession): Promise<readonly PolicyRow[]> {
    const facts = await this.factsOf(session)
    const parents = [undefined, ...ids.slice(0, -1)]
    const nodes = parents.flatMap((parent, index) => {
      const all = policyNodes(session.mesh, parent, facts, { limit: Number.POSITIVE_INFINITY })
      return all.find(({ id }) => id === ids[index]) ?? []
    })
    return rowsOf(nodes, session)
  }

  private named(subject: PolicySubject): { readonly context?: string; readonly objects: readonly NamedObject[] } {
    if (!('uri' in subject)) {
      const { context, kind, namespace = '', name } = subject
      return { context, objects: [{ kind, namespace, name }] }
    }
    const file = this.server.workspace.file(subject.uri)
    const offset = file?.lines.offset(subject.position) ?? 0
    const document = file?.documents.find(({ span }) => span.start <= offset && offset <= span.end)
    const objects = (document?.resources ?? []).filter(isPolicy)
    return { objects: objects.map(resource => ({ kind: resource.kind, namespace: resource.namespace, name: resource.name, resource })) }
  }

  private async factsOf(session: ClusterSession): Promise<PolicyFacts> {
    const { sessions, documentation } = this.server
    const settings = this.ruleSettings
    const judged = session === sessions.judging
    return {
      documentation,
      findings: policy => knownFindings(policy, session.mesh, settings) ?? this.last.get(policy),
      file: policy => (judged ? this.files.fact(policy) : undefined),
      filesSpeakOf: namespace => judged && this.files.speaksOf(namespace),
      onlyInFiles: judged ? await this.files.onlyInFiles(session.mesh) : [],
    }
  }

  /** Works out what is not known of them, as long as an answer can wait; the rest follows by itself. */
  private async look(session: ClusterSession, policies: readonly Policy[]): Promise<void> {
    const until = performance.now() + msBeforeAnswer
    const open = policies.filter(policy => this.isOpen(policy, session))
    let done = 0
    while (done < open.length && performance.now() < until) await this.workOut(open[done++], session)
    if (done < open.length) this.enqueue(open.slice(done), session)
  }

  private isOpen(policy: Policy, session: ClusterSession): boolean {
    return knownFindings(policy, session.mesh, this.settings) === undefined || this.isUncompared(policy, session)
  }

  private isUncompared(policy: Policy, session: ClusterSession): boolean {
    return session === this.server.sessions.judging && this.files.isOpen(policy)
  }

  /** Whether something new came out. */
  private async workOut(policy: Policy | undefined, session: ClusterSession): Promise<boolean> {
    if (!policy) return false
    const before = this.last.get(policy)
    const findings = liveFindings(policy, session.mesh, this.settings)
    this.last.set(policy, findings)
    const uncompared = this.isUncompared(policy, session)
    if (uncompared) await this.files.compare(policy)
    return uncompared || before?.length !== findings.length || findings.some((each, index) => each.message !== before[index]?.message)
  }

  private enqueue(policies: readonly Policy[], session: ClusterSession): void {
    const work = this.work.get(session) ?? { waiting: new Set(), began: 0, next: 0, found: false }
    this.work.set(session, work)
    // What is looked at now comes first.
    const waiting = [...new Set([...policies, ...work.waiting])].slice(0, mostJudged)
    work.waiting.clear()
    for (const policy of waiting) work.waiting.add(policy)
    if (work.timer !== undefined) return
    const pause = Math.max(msBetweenPieces, work.next - performance.now())
    work.began = performance.now() + pause
    this.goOn(work, session, pause)
  }

  private goOn(work: Work, session: ClusterSession, pause: number): void {
    work.timer = setTimeout(() => {
      void guarded('judging the policies of the cluster', this.server.log, undefined, () => this.piece(work, session))
    }, pause)
    work.timer.unref()
  }

  private async piece(work: Work, session: ClusterSession): Promise<void> {
    const gone = !this.server.sessions.all.includes(session)
    const until = performance.now() + msOfPiece
    try {
      for (const policy of gone ? [] : work.waiting) {
        work.waiting.delete(policy)
        // Another object may have taken its place meanwhile.
        if (session.mesh.find(policy.kind, policy.namespace, policy.name) !== policy || !this.isOpen(policy, session)) continue
        if (await this.workOut(policy, session)) work.found = true
        if (performance.now() >= until) break
      }
    } finally {
      delete work.timer
      if (gone) this.work.delete(session)
      else if (work.waiting.size > 0) this.goOn(work, session, msBetweenPieces)
      else this.endRound(work, session)
    }
  }

  /** Where it takes long, the next one waits as long. */
  private endRound(work: Work, { context }: ClusterSession): void {
    work.next = performance.now() + Math.max(msBetweenRounds, performance.now() - work.began)
    if (work.found) void this.server.connection.sendNotification(PolicyFactsChanged, { context })
    work.found = false
  }
}

interface NamedObject {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Of the file that was named. */
  readonly resource?: Resource
}

function rowsOf<T extends object>(nodes: readonly T[], { context }: Pick<ClusterSession, 'context'>): readonly (T & FromContext)[] {
  return nodes.map(node => ({ ...node, context }))
}

/** Where a path leads to in the first document of a text; as far as it leads. */
export function placeOf(text: string, path: Path): Range {
  const root = parseYaml(text)[0]?.root
  for (let length = path.length; length > 0; length--) {
    const found = at(root, path.slice(0, length))
    if (found) return new Lines(text).range(found.span)
  }
  return { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }
}
