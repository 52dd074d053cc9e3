// Each row of the Policies view as an item of a tree. Pure.
import type { FactNode, PolicyKind, ScopeNode } from '../../../../server/src/protocol.ts'
import { never } from '../../never.ts'
import { clusterItem } from '../clusterItem.ts'
import { emptyItem, type Item, problemItem, restItem } from '../item.ts'
import { workloadsItem } from '../workloads/item.ts'
import type { FindingRow, PoliciesRow, PolicyRow } from './rows.ts'

export function policiesItem(row: PoliciesRow): Item {
  switch (row.kind) {
    case 'cluster':
      return clusterItem(row)
    case 'scope':
      return scopeItem(row)
    case 'policy':
      return policyItem(row)
    case 'finding':
      return findingItem(row)
    case 'fact':
      return factItem(row)
    case 'workload':
      return { ...workloadsItem(row), children: 'none' }
    case 'more':
      return restItem(row, 'istioSecurity.showMorePolicies')
    case 'empty':
      return emptyItem(row, sentences[row.because], 'istioSecurity.clearPoliciesFilter')
    case 'problem':
      return problemItem(row)
    default:
      return never(row)
  }
}

const scopeIcons: Readonly<Record<ScopeNode['scope'], string>> = {
  mesh: 'globe',
  namespace: 'symbol-namespace',
  workloads: 'server-process',
  target: 'server',
  clients: 'arrow-swap',
}

function scopeItem(node: ScopeNode): Item {
  return {
    id: node.id,
    label: node.name,
    description: node.description,
    icon: scopeIcons[node.scope],
    tooltip: [node.name, node.description],
    spoken: `${node.name}, ${node.description.replaceAll('≠ files', 'different from files')}`,
    kind: 'scope',
    children: 'closed',
  }
}

/** By the first word of what a policy does. */
const icons: Readonly<Record<string, string>> = {
  STRICT: 'lock',
  PERMISSIVE: 'unlock',
  DISABLE: 'circle-slash',
  ALLOW: 'check',
  DENY: 'close',
  AUDIT: 'eye',
  CUSTOM: 'plug',
}

const kindIcons: Readonly<Record<PolicyKind, string>> = {
  PeerAuthentication: 'shield',
  AuthorizationPolicy: 'law',
  RequestAuthentication: 'key',
  DestinationRule: 'arrow-right',
}

/** The word of `viewItem`: requests are evaluated by an AuthorizationPolicy. */
const words: Readonly<Record<PolicyKind, string>> = {
  PeerAuthentication: 'peerAuthentication',
  AuthorizationPolicy: 'policy',
  RequestAuthentication: 'requestAuthentication',
  DestinationRule: 'destinationRule',
}

function policyItem(row: PolicyRow): Item {
  const onlyInFile = row.file?.is === 'only-in-file'
  return {
    id: row.id,
    label: row.name,
    description: row.description,
    ...policyIcon(row),
    tooltip: [`${row.policyKind} ${row.namespace}/${row.name}`, ...row.lines, ...(row.findings ? [findingsLine(row.findings)] : [])],
    spoken: `${row.policyKind} ${row.name}, ${row.description.replaceAll('→', 'for').replaceAll('≠ ', '')}`,
    kind: onlyInFile ? 'policyFile' : words[row.policyKind],
    children: onlyInFile ? 'none' : 'closed',
    ...(onlyInFile ? { command: { command: 'istioSecurity.openPolicyFile', title: 'Open File', arguments: [row] } } : {}),
  }
}

function findingsLine(findings: number): string {
  return findings === 1 ? '1 finding.' : `${findings} findings.`
}

function policyIcon({ severity, effect, file, does, policyKind }: PolicyRow): Pick<Item, 'icon' | 'tone'> {
  if (file?.is === 'only-in-file') return { icon: 'file' }
  if (severity === 'error') return { icon: 'error', tone: 'error' }
  if (severity === 'warning') return { icon: 'warning', tone: 'warning' }
  if (effect === 'none') return { icon: 'circle-large-outline' }
  if (does.includes('(dry run)')) return { icon: 'beaker' }
  const [word = ''] = does.split(' ')
  return { icon: policyKind === 'DestinationRule' ? kindIcons.DestinationRule : (icons[word] ?? kindIcons[policyKind]) }
}

const severityIcons: Readonly<Record<FindingRow['severity'], Pick<Item, 'icon' | 'tone'>>> = {
  error: { icon: 'error', tone: 'error' },
  warning: { icon: 'warning', tone: 'warning' },
  info: { icon: 'info' },
  hint: { icon: 'lightbulb' },
}

function findingItem(row: FindingRow): Item {
  return {
    id: row.id,
    label: row.message,
    description: row.rule,
    ...severityIcons[row.severity],
    tooltip: [row.message, `${row.severity} ${row.rule}`, 'Select to see the place in the object.'],
    spoken: `${row.severity}: ${row.message}`,
    kind: 'finding',
    children: 'none',
    command: { command: 'istioSecurity.openFinding', title: 'Show Finding', arguments: [row] },
  }
}

function factItem({ id, text }: FactNode): Item {
  return { id, label: text, icon: 'info', tooltip: [text], spoken: text, kind: 'fact', children: 'none' }
}

const sentences = {
  filter: 'No policy matches the filter.',
  'no-policy': 'No policy in the namespaces that are read.',
} as const
