// ServiceRole, ServiceRoleBinding and ClusterRbacConfig of rbac.istio.io. Source: istio/api rbac/v1alpha1/rbac.proto at release-1.5.
import { entriesAt, get, itemsAt, type Node, stringAt, stringsAt } from '../../yaml/tree.ts'
import { own } from '../own.ts'
import type { Service } from '../resources.ts'
import { present } from './authentication.ts'
import { type Conversion, noteOn, type Selector, targetOf } from './manifest.ts'

type Json = Readonly<Record<string, unknown>>
interface Condition {
  readonly key: string
  readonly values: readonly string[]
}

/** A role with its bindings: who may do what. Undefined for a role that nobody is bound to. */
export function convertRole(role: Node, bindings: readonly Node[], services: readonly Service[]): Conversion | undefined {
  const subjects = bindings.flatMap(binding => itemsAt(binding, 'spec', 'subjects')).map(callers)
  const name = stringAt(role, 'metadata', 'name')?.value
  if (name === undefined || subjects.length === 0) return undefined
  const namespace = [role, ...bindings].flatMap(each => stringAt(each, 'metadata', 'namespace')?.value ?? [])[0]
  const notes = subjects.flatMap(subject => subject.notes)
  const policies = new Map<string, { readonly name: string; readonly selector?: Selector; readonly rules: Json[] }>()
  for (const rule of itemsAt(role, 'spec', 'rules')) {
    const { operation, when, labels, ...allowed } = operations(rule)
    notes.push(...allowed.notes)
    for (const service of servicesOf(rule)) {
      const target = service === '*' ? undefined : targetOf(service, services)
      if (target) notes.push(...noteOn(target))
      const matchLabels = { ...target?.selector.matchLabels, ...labels }
      const selector = Object.keys(matchLabels).length > 0 ? { matchLabels } : undefined
      const key = JSON.stringify(selector)
      const policy = policies.get(key) ?? { name: target ? `${name}-${target.name}` : name, ...(selector ? { selector } : {}), rules: [] }
      policies.set(key, policy)
      for (const subject of subjects) {
        policy.rules.push(
          present({
            from: subject.source ? [{ source: subject.source }] : [],
            to: operation ? [{ operation }] : [],
            when: [...when, ...subject.when],
          }),
        )
      }
    }
  }
  const manifests = [...policies.values()].map(({ name: own, selector, rules }) => ({
    kind: 'AuthorizationPolicy' as const,
    name: policies.size === 1 ? name : own,
    ...(namespace === undefined ? {} : { namespace }),
    spec: { ...(selector ? { selector } : {}), rules },
  }))
  return manifests.length > 0 ? { manifests, notes: [...new Set(notes)] } : undefined
}

/** Namespaces that were closed stay closed. Undefined for what no policy of today says. */
export function convertConfig(config: Node): Conversion | undefined {
  if (stringAt(config, 'spec', 'mode')?.value !== 'ON_WITH_INCLUSION') return undefined
  if (itemsAt(config, 'spec', 'inclusion', 'services').length > 0) return undefined
  const namespaces = stringsAt(config, 'spec', 'inclusion', 'namespaces').map(each => each.value)
  const manifests = namespaces.map(namespace => ({ kind: 'AuthorizationPolicy' as const, name: 'allow-nothing', namespace, spec: {} }))
  return manifests.length > 0 ? { manifests, notes: [] } : undefined
}

function servicesOf(rule: Node | undefined): readonly string[] {
  const services = stringsAt(rule, 'services').map(each => each.value)
  return services.length === 0 || services.includes('*') ? ['*'] : services
}

const operationFields = ['hosts', 'notHosts', 'paths', 'notPaths', 'methods', 'notMethods'] as const

interface Allowed {
  readonly operation?: Json
  readonly when: readonly Condition[]
  readonly labels: Readonly<Record<string, string>>
  readonly notes: readonly string[]
}

function operations(rule: Node | undefined): Allowed {
  const numbers = (field: string) => itemsAt(rule, field).flatMap(each => (each?.kind === 'scalar' ? [each.text] : []))
  const texts = operationFields.map(field => {
    const values = stringsAt(rule, field).map(each => each.value)
    // Any method is what nothing says.
    return [field, field === 'methods' && values.includes('*') ? [] : values] as const
  })
  const operation = present({ ...Object.fromEntries(texts), ports: numbers('ports'), notPorts: numbers('notPorts') })
  const labels: Record<string, string> = {}
  const when: Condition[] = []
  const notes: string[] = []
  for (const constraint of itemsAt(rule, 'constraints')) {
    const key = stringAt(constraint, 'key')?.value ?? ''
    const values = itemsAt(constraint, 'values').flatMap(each => (each?.kind === 'scalar' ? [each.text] : []))
    const label = /^destination\.labels\[(.+)\]$/.exec(key)?.[1]
    const [only, ...more] = values
    if (label && only !== undefined && more.length === 0 && !only.includes('*')) labels[label] = only
    else if (/^(?:destination\.(?:ip|port)$|request\.headers\[)/.test(key)) when.push({ key, values })
    else notes.push(`The constraint on "${key}" (${values.join(', ')}) was not converted: a selector takes one exact value of a label.`)
  }
  return { ...(Object.keys(operation).length > 0 ? { operation } : {}), when, labels, notes }
}

/** Properties and fields of a subject by what they are in a source today. */
const sources: Readonly<Record<string, string>> = {
  names: 'principals',
  notNames: 'notPrincipals',
  namespaces: 'namespaces',
  notNamespaces: 'notNamespaces',
  ips: 'ipBlocks',
  notIps: 'notIpBlocks',
  'source.principal': 'principals',
  'source.namespace': 'namespaces',
  'source.ip': 'ipBlocks',
  'request.auth.principal': 'requestPrincipals',
}

interface Callers {
  readonly source?: Json
  readonly when: readonly Condition[]
  readonly notes: readonly string[]
}

function callers(subject: Node | undefined): Callers {
  const source: Record<string, readonly string[]> = {}
  const when: Condition[] = []
  const notes: string[] = []
  const limit = (field: string, values: readonly string[]) => {
    source[field] = [...(source[field] ?? []), ...values]
  }
  const user = stringAt(subject, 'user')?.value
  if (user !== undefined && user !== '*') limit('principals', [user])
  const groups = [...stringsAt(subject, 'groups').map(each => each.value), ...[stringAt(subject, 'group')?.value ?? []].flat()]
  if (groups.length > 0) when.push({ key: 'request.auth.claims[groups]', values: groups })
  for (const field of ['names', 'notNames', 'namespaces', 'notNamespaces', 'ips', 'notIps']) {
    const values = stringsAt(subject, field).map(each => each.value)
    if (values.length > 0) limit(sources[field] ?? field, values)
  }
  for (const { key, value } of entriesAt(get(subject, 'properties'))) {
    const written = value?.kind === 'scalar' ? value.text : ''
    const field = own(sources, key.text)
    if (field) limit(field, [written])
    else if (/^request\.(?:auth\.claims|headers)\[|^request\.auth\.(?:audiences|presenter)$/.test(key.text))
      when.push({ key: key.text, values: [written] })
    else notes.push(`The property "${key.text}: ${written}" of a subject was not converted, so more callers are let in.`)
  }
  return { ...(Object.keys(source).length > 0 ? { source } : {}), when, notes }
}
