// The policies of a cluster as a tree for people: mesh and namespaces, what policies are for in them, the policies, and what there is to say of each.
// Only the rows that are asked for are made.
import { apiKind } from '../../istio/resources.ts'
import { never } from '../../istio/values/principal.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { compare } from '../../mesh/workloads.ts'
import type { Severity } from '../../rules/rule.ts'
import type { Finding } from '../../rules/run.ts'
import { describeRule as describeDestinationRule } from '../destinationRule.ts'
import type { MoreNode } from '../meshTree/nodes.ts'
import { workloadNode } from '../meshTree/workload.ts'
import { firstPage, nextPage } from '../meshTree.ts'
import { count, list } from '../words.ts'
import type { FactNode, FileFact, FindingNode, PolicyNode, PolicyTreeNode, ScopeNode } from './nodes.ts'
import { namespaceScope, partsOf, policiesByNamespace, type Scope } from './scopes.ts'
import { isPolicy, type Policy, policyKinds, type Standing, standingOf } from './standing.ts'

export type { FactNode, FileFact, FindingNode, PolicyKind, PolicyNode, PolicyTreeNode, ScopeNode } from './nodes.ts'

/** What is known by now of the cluster's policies besides the mesh. */
export interface PolicyFacts {
  findings(policy: Policy): readonly Finding[] | undefined
  file(policy: Policy): FileFact | undefined
  /** Policies that one file of the workspace has and the cluster certainly has not. */
  readonly onlyInFiles: readonly { readonly policy: Policy; readonly fact: FileFact }[]
  /** Page of a rule. */
  documentation(rule: string): string
  /** Files speak about policies of this namespace. */
  filesSpeakOf(namespace: string): boolean
}

export interface PolicyExtent {
  /** Each of these words is in the kind, the namespace, the name, or in what the row says. */
  readonly text?: string
  /** Of more children than this the first; absent: `firstPage`. */
  readonly limit?: number
}

/** Children of a row by its `id`: mesh and namespaces for no parent; nothing for an id that is gone. */
export function policyNodes(
  mesh: Mesh,
  parent: string | undefined,
  facts: PolicyFacts,
  extent: PolicyExtent = {},
): readonly PolicyTreeNode[] {
  const { limit = firstPage } = extent
  const children = childrenOf(mesh, parent, facts, wordsOf(extent.text))
  const nodes = children.slice(0, limit).map(make => make())
  return children.length > limit ? [...nodes, moreNode(parent, children.length, limit)] : nodes
}

/** The policies whose rows stand below a row, so that what is said of them can be worked out before. */
export function policiesBelow(
  mesh: Mesh,
  parent: string,
  { text, limit = firstPage }: PolicyExtent,
  facts: PolicyFacts,
): readonly Policy[] {
  const words = wordsOf(text)
  const [kind] = parent.split('/')
  if (kind === 'policy') return [policyOf(mesh, parent)].filter(each => each !== undefined)
  const scope = scopeOf(mesh, parent, facts, words)
  return scope ? scope.policies.slice(0, limit) : []
}

/** The ids of the rows that lead to a policy, the outermost first; empty where there is none of that name. */
export function policyPath(mesh: Mesh, kind: string, namespace: string, name: string): readonly string[] {
  const policies = policiesByNamespace(mesh).get(namespace) ?? []
  const policy = policies.find(each => each.kind === kind && each.name === name)
  if (!policy) return []
  const scope = partsOf(policies, mesh).scopes.find(each => each.policies.includes(policy))
  return [namespaceScope(namespace, policies, mesh).id, ...(scope ? [scope.id] : []), policyId(policy)]
}

export function policyId({ kind, namespace, name }: Pick<Policy, 'kind' | 'namespace' | 'name'>): string {
  return `policy/${kind}/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`
}

type Make = () => PolicyTreeNode

function childrenOf(mesh: Mesh, parent: string | undefined, facts: PolicyFacts, words: Words): readonly Make[] {
  if (parent === undefined) return namespaces(mesh, facts, words).map(scope => () => scopeNode(scope, mesh, facts))
  const [kind] = parent.split('/')
  switch (kind) {
    case 'namespace': {
      const scope = scopeOf(mesh, parent, facts, words)
      if (!scope) return []
      const { whole, scopes } = partsOf(scope.policies, mesh)
      return [
        ...rows(whole, mesh, facts),
        ...scopes.map(each => () => scopeNode(each, mesh, facts)),
        ...fileRows(scope.namespace, facts, words),
      ]
    }
    case 'scope':
      return rows(scopeOf(mesh, parent, facts, words)?.policies ?? [], mesh, facts)
    case 'policy': {
      const policy = policyOf(mesh, parent)
      return policy ? below(policy, mesh, facts) : []
    }
    default:
      return []
  }
}

function namespaces(mesh: Mesh, facts: PolicyFacts, words: Words): readonly Scope[] {
  const all = policiesByNamespace(mesh)
  const names = new Set([...all.keys(), ...facts.onlyInFiles.map(({ policy }) => policy.namespace)])
  const scopes = [...names].flatMap(name => {
    const policies = (all.get(name) ?? []).filter(policy => isShown(policy, words, mesh, facts))
    const shown = policies.length > 0 || fileRows(name, facts, words).length > 0
    return shown ? [namespaceScope(name, policies, mesh)] : []
  })
  return scopes.toSorted((a, b) => Number(b.kind === 'mesh') - Number(a.kind === 'mesh') || compare(a.namespace, b.namespace))
}

function scopeOf(mesh: Mesh, id: string, facts: PolicyFacts, words: Words): Scope | undefined {
  const [kind, namespace] = id.split('/').map(decoded)
  if (namespace === undefined) return undefined
  const policies = (policiesByNamespace(mesh).get(namespace) ?? []).filter(policy => isShown(policy, words, mesh, facts))
  if (kind === 'namespace') return namespaceScope(namespace, policies, mesh)
  return partsOf(policies, mesh).scopes.find(each => each.id === id)
}

function policyOf(mesh: Mesh, id: string): Policy | undefined {
  const [, kind, namespace = '', name = ''] = id.split('/').map(decoded)
  const known = policyKinds.find(each => each === kind)
  const found = known && mesh.find(known, namespace, name)
  return found && isPolicy(found) ? found : undefined
}

/** Ids come back from rows that may be old, or from anybody. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function scopeNode({ id, kind, name, namespace, policies }: Scope, mesh: Mesh, facts: PolicyFacts): ScopeNode {
  const findings = policies.reduce((sum, policy) => sum + (facts.findings(policy)?.length ?? 0), 0)
  const differences = policies.filter(policy => facts.file(policy)?.is === 'differs').length
  const within = kind !== 'mesh' && kind !== 'namespace'
  const onlyInFiles = within ? 0 : facts.onlyInFiles.filter(({ policy }) => policy.namespace === namespace).length
  const enforcers = kind === 'target' ? [...new Set(policies.flatMap(policy => standingOf(policy, mesh).enforcers))] : []
  const noun = kind === 'clients' ? 'DestinationRule' : 'policy'
  const parts = [
    ...enforcers,
    kind === 'clients' ? `TLS of ${count(policies.length, noun)}` : count(policies.length, 'policy', 'policies'),
    ...(kind === 'mesh' ? [namespace] : []),
    ...counted(findings, differences),
    ...(onlyInFiles > 0 ? [`${onlyInFiles} only in files`] : []),
  ]
  return {
    kind: 'scope',
    id,
    scope: kind,
    name,
    namespace,
    policies: policies.length,
    findings,
    differences,
    description: parts.join(' · '),
  }
}

function counted(findings: number, differences: number): readonly string[] {
  return [...(findings > 0 ? [count(findings, 'finding')] : []), ...(differences > 0 ? [`${differences} ≠ files`] : [])]
}

function rows(policies: readonly Policy[], mesh: Mesh, facts: PolicyFacts): readonly Make[] {
  return policies.map(policy => () => policyNode(policy, mesh, facts))
}

function policyNode(policy: Policy, mesh: Mesh, facts: PolicyFacts): PolicyNode {
  const standing = standingOf(policy, mesh)
  const findings = facts.findings(policy)
  const file = facts.file(policy)
  const worst = findings && worstOf(findings)
  return {
    ...about(policy, standing),
    description: [
      `${file?.is === 'differs' ? '≠ ' : ''}${described(policy, standing).join(' · ')}`,
      ...counted(findings?.length ?? 0, 0),
      ...(file?.is === 'differs' ? [`differs from ${file.file}`] : []),
    ].join(' · '),
    lines: [...linesOf(policy, standing), ...fileLines(policy, file, facts)],
    ...(findings ? { findings: findings.length } : {}),
    ...(worst ? { severity: worst } : {}),
    ...(file ? { file } : {}),
  }
}

function about(policy: Policy, { does, effect }: Standing): Omit<PolicyNode, 'description' | 'lines'> {
  const { kind, namespace, name } = policy
  return { kind: 'policy', id: policyId(policy), policyKind: kind, namespace, name, does, effect }
}

/** `ALLOW → 1 workload, 2 pods · by sidecar`. */
function described(policy: Policy, { does, selects, enforcers, because }: Standing): readonly string[] {
  if (policy.kind === 'DestinationRule') return [`${does} → ${selects}`]
  const to = selects === '' || selects === 'selects nothing' ? selects : `→ ${selects}`
  const head = selects === 'selects nothing' ? [does, selects] : [[does, to].filter(Boolean).join(' ')]
  return [...head, ...(enforcers.length > 0 ? [`by ${list(enforcers, 3)}`] : []), ...(because ? [because] : [])]
}

function linesOf(policy: Policy, { does, selects, enforcers, notes }: Standing): readonly string[] {
  if (policy.kind === 'DestinationRule') return [`${does} for clients of ${selects}.`]
  const whom = selects === 'selects nothing' ? '; it selects nothing' : selects ? ` for ${selects}` : '; whom it is for is not known here'
  return [`${does}${whom}.`, ...(enforcers.length > 0 ? [`Enforced by ${list(enforcers)}.`] : []), ...notes]
}

const mostPaths = 5

function fileLines({ namespace }: Policy, file: FileFact | undefined, facts: PolicyFacts): readonly string[] {
  if (!file) return facts.filesSpeakOf(namespace) ? ['No file of the workspace has it, templates and Kustomize aside.'] : []
  switch (file.is) {
    case 'same':
      return [`${file.file} says the same.`]
    case 'differs':
      return [`${file.file} differs at ${list(file.paths, mostPaths)}.`]
    case 'only-in-file':
      return [`${file.file} has it; the cluster has not.`]
    default:
      return never(file.is)
  }
}

function fileRows(namespace: string, facts: PolicyFacts, words: Words): readonly Make[] {
  return facts.onlyInFiles
    .filter(
      ({ policy }) => policy.namespace === namespace && mentions(words, [policy.kind, policy.namespace, policy.name, 'not in the cluster']),
    )
    .map(({ policy, fact }) => () => ({
      kind: 'policy',
      id: `file/${policyId(policy)}`,
      policyKind: policy.kind,
      namespace,
      name: policy.name,
      does: policy.kind === 'AuthorizationPolicy' ? policy.action : '',
      effect: 'none',
      description: `not in the cluster · ${fact.file}`,
      lines: fileLines(policy, fact, facts),
      file: fact,
    }))
}

const severities: readonly Severity[] = ['error', 'warning', 'info', 'hint']

function worstOf(findings: readonly Finding[]): Severity | undefined {
  return severities.find(severity => findings.some(finding => finding.severity === severity))
}

/** What there is to say of a policy: findings, the worst first; then facts; then whom it is for. */
function below(policy: Policy, mesh: Mesh, facts: PolicyFacts): readonly Make[] {
  const id = policyId(policy)
  const found = (facts.findings(policy) ?? []).toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
  const { notes, workloads } = standingOf(policy, mesh)
  const said = policy.kind === 'DestinationRule' ? clientsOf(policy, mesh) : notes
  const factNodes = said.map((text, index): FactNode => ({ kind: 'fact', id: `fact/${index}/${id}`, text }))
  return [
    ...found.map((finding, index) => () => findingNode(finding, policy, index, facts)),
    ...factNodes.map(node => () => node),
    ...workloads.map(workload => () => workloadRow(workload, policy, id, mesh)),
  ]
}

function clientsOf(rule: Policy & { kind: 'DestinationRule' }, mesh: Mesh): readonly string[] {
  const { clients, sent } = describeDestinationRule(rule, mesh)
  return [...clients, ...sent]
}

function findingNode({ rule, severity, message, path }: Finding, policy: Policy, index: number, facts: PolicyFacts): FindingNode {
  const object = { kind: apiKind(policy), namespace: policy.namespace, name: policy.name }
  return {
    kind: 'finding',
    id: `finding/${index}/${policyId(policy)}`,
    rule,
    severity,
    message,
    path,
    documentation: facts.documentation(rule),
    object,
  }
}

/** As in the mesh tree; one workload stands below several policies. */
function workloadRow(workload: Workload, { namespace }: Policy, id: string, mesh: Mesh): PolicyTreeNode {
  const node = workloadNode(workload, mesh, workload.namespace === namespace ? 'namespace' : 'group')
  return { ...node, id: `${node.id} ${id}` }
}

type Words = readonly string[]

function wordsOf(text: string | undefined): Words {
  return (text ?? '').toLowerCase().split(/\s+/).filter(Boolean)
}

function mentions(words: Words, texts: readonly string[]): boolean {
  const all = texts.join(' ').toLowerCase()
  return words.every(word => all.includes(word))
}

function isShown(policy: Policy, words: Words, mesh: Mesh, facts: PolicyFacts): boolean {
  if (words.length === 0) return true
  const standing = standingOf(policy, mesh)
  const found = facts.findings(policy) ?? []
  const more = [
    ...counted(found.length, 0),
    ...found.map(({ rule }) => rule),
    ...(facts.file(policy)?.is === 'differs' ? ['≠ differs'] : []),
  ]
  const workloads = standing.workloads.slice(0, mostSearched).map(({ name }) => name)
  return mentions(words, [policy.kind, policy.namespace, policy.name, ...described(policy, standing), ...more, ...workloads])
}

const mostSearched = 100

function moreNode(parent: string | undefined, all: number, shown: number): MoreNode {
  const rest = all - shown
  const name = `Show ${Math.min(nextPage, rest)} more`
  return {
    kind: 'more',
    id: `more/${parent ?? ''}`,
    ...(parent === undefined ? {} : { below: parent }),
    rest,
    limit: shown + nextPage,
    name,
    description: `${rest} not shown`,
  }
}
