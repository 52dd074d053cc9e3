// The facts of a mesh for people: a table of the whole, one of its namespaces, what is worth a look.
import type { NamespaceSelector } from '../istio/resources.ts'
import { never } from '../istio/values/principal.ts'
import type { ControlPlaneFacts, MeshFacts, NamespaceFacts, SettingsFacts } from './meshFacts.ts'
import { columns } from './table.ts'
import { count, list, wrap } from './words.ts'

type Row = readonly [name: string, value: string]

/** What a row about the mesh says, such as `Trust domain`, `cluster.local`. For tables and for the tooltip of a cluster. */
export function factRows(facts: MeshFacts): readonly Row[] {
  return [
    ['Istio', facts.istioVersion ?? 'not known'],
    ...facts.controlPlanes.map((plane): Row => ['Control plane', planeText(plane)]),
    ...(facts.controlPlanes.length === 0 ? [['Control plane', 'none is seen here'] as const] : []),
    ...settingRows(facts.settings),
    ['Other clusters', facts.peers.length === 0 ? 'nothing speaks for any' : `likely: ${list(facts.peers)}`],
  ]
}

function planeText({ namespace, revision, version, tags, isDefault, settings }: ControlPlaneFacts): string {
  const parts = [
    `revision ${revision} in ${namespace}`,
    ...(version ? [version] : []),
    ...(tags.length > 0 ? [`${tags.length > 1 ? 'tags' : 'tag'} ${list(tags)}`] : []),
    ...(isDefault ? ['the default'] : []),
    ...(settings ? [`settings ${settings}`] : ['settings not known']),
  ]
  return parts.join(' · ')
}

function settingRows(settings: SettingsFacts): readonly Row[] {
  const { known, source, rootNamespace, trustDomain, trustDomainAliases, extensionProviders, discoverySelectors } = settings
  return [
    ['Settings', source ?? (known ? 'given' : "not known: Istio's defaults are taken")],
    ['Root namespace', rootNamespace],
    ['Trust domain', [trustDomain, ...(trustDomainAliases.length > 0 ? [`also ${list(trustDomainAliases)}`] : [])].join(' · ')],
    ['Auto mTLS', settings.autoMtls ? 'on' : 'off'],
    ['Path normalisation', settings.pathNormalization],
    ['Providers', extensionProviders.length > 0 ? list(extensionProviders.map(({ name }) => name)) : 'none'],
    ['Namespaces seen', discoverySelectors.length > 0 ? `those with ${discoverySelectors.map(selectorText).join(' or ')}` : 'all'],
  ]
}

function selectorText({ labels, expressions }: NamespaceSelector): string {
  const parts = [
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    ...expressions.map(({ key, operator, values }) => [key, operator, ...(values.length > 0 ? [`[${values.join(', ')}]`] : [])].join(' ')),
  ]
  return parts.length > 0 ? parts.join(', ') : 'any labels'
}

export function namespaceRow(facts: NamespaceFacts): readonly string[] {
  const { name, mode, policy, workloads, waypoint } = facts
  const words = [
    enrolmentText(facts),
    ...(waypoint ? [`waypoint ${waypoint.name}${waypoint.presence === 'absent' ? ' (missing)' : ''}`] : []),
  ]
  return [
    name,
    mode ? `${mode}${policy ? ` (${policy})` : ''}` : 'not known',
    workloads === undefined ? 'not known' : count(workloads, 'workload'),
    words.join(' · '),
  ]
}

function enrolmentText({ enrolment, asksFor }: NamespaceFacts): string {
  switch (enrolment) {
    case 'sidecar':
      return asksFor ? `sidecars of ${revisionText(asksFor)}` : 'sidecars'
    case 'ambient':
      return 'ambient'
    case 'none':
      return 'not enrolled'
    case 'ignored':
      return 'ignored by istiod'
    case 'unknown':
      return 'labels not known'
    default:
      return never(enrolment)
  }
}

function revisionText({ name, revision, served }: NonNullable<NamespaceFacts['asksFor']>): string {
  if (served === 'absent') return `revision ${name} (nobody serves it)`
  return revision === undefined || revision === name ? `revision ${name}` : `tag ${name}, revision ${revision}`
}

/** Lines without colour. */
export function meshFactsLines(facts: MeshFacts, width?: number): readonly string[] {
  return [
    ...columns(factRows(facts), width),
    '',
    ...(facts.namespaces.length > 0
      ? columns([['NAMESPACE', 'DEFAULT', 'WORKLOADS', 'ENROLMENT'], ...facts.namespaces.map(namespaceRow)], width)
      : ['No namespace is known.']),
    ...(facts.notes.length > 0 ? ['', ...facts.notes.flatMap(note => wrap(note, width ?? Number.POSITIVE_INFINITY))] : []),
  ]
}
