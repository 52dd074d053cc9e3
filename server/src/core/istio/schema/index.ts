// From kind and path to the schema that stands there.
import type { Path } from '../../yaml/tree.ts'
import { own } from '../own.ts'
import { authorizationPolicy } from './authorizationPolicy.ts'
import { authorizationTest } from './authorizationTest.ts'
import { destinationRule } from './destinationRule.ts'
import { gateway } from './gateway.ts'
import { kubernetesGateway } from './kubernetesGateway.ts'
import { peerAuthentication } from './peerAuthentication.ts'
import { proxyConfig } from './proxyConfig.ts'
import { requestAuthentication } from './requestAuthentication.ts'
import type { Field, ObjectSchema, Schema } from './schema.ts'
import { serviceEntry } from './serviceEntry.ts'
import { sidecar } from './sidecar.ts'
import { telemetry } from './telemetry.ts'
import { virtualService } from './virtualService.ts'
import { workloadEntry } from './workloadEntry.ts'
import { workloadGroup } from './workloadGroup.ts'

/** One kind of a group, alike in all its versions. */
export interface KindSchema {
  readonly group: string
  readonly kind: string
  /** Served versions, the one to write first. */
  readonly versions: readonly string[]
  readonly schema: ObjectSchema
}

const security = { group: 'security.istio.io', versions: ['v1', 'v1beta1'] } as const
const networking = { group: 'networking.istio.io', versions: ['v1', 'v1beta1', 'v1alpha3'] } as const

/** Kinds whose fields are known here. What is not in this list is not judged for its structure. */
export const kinds: readonly KindSchema[] = [
  { ...security, kind: 'PeerAuthentication', schema: peerAuthentication },
  { ...security, kind: 'AuthorizationPolicy', schema: authorizationPolicy },
  { ...security, kind: 'RequestAuthentication', schema: requestAuthentication },
  { ...networking, kind: 'DestinationRule', schema: destinationRule },
  { ...networking, kind: 'Gateway', schema: gateway },
  { ...networking, kind: 'Sidecar', schema: sidecar },
  { ...networking, kind: 'VirtualService', schema: virtualService },
  { ...networking, kind: 'ServiceEntry', schema: serviceEntry },
  { ...networking, kind: 'WorkloadEntry', schema: workloadEntry },
  { ...networking, kind: 'WorkloadGroup', schema: workloadGroup },
  { group: 'networking.istio.io', kind: 'ProxyConfig', versions: ['v1beta1'], schema: proxyConfig },
  { group: 'telemetry.istio.io', kind: 'Telemetry', versions: ['v1', 'v1alpha1'], schema: telemetry },
  { group: 'gateway.networking.k8s.io', kind: 'Gateway', versions: ['v1', 'v1beta1'], schema: kubernetesGateway },
]

const byName: ReadonlyMap<string, KindSchema> = new Map(kinds.map(each => [`${each.group}/${each.kind}`, each]))

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/** By group and kind; the version does not matter. */
export function kindOf(apiVersion: string, kind: string): KindSchema | undefined {
  return byName.get(`${groupOf(apiVersion)}/${kind}`)
}

/** Of a kind that the API server judges, or of a file of our own, which has no `apiVersion`. */
export function schemaOf(apiVersion: string, kind: string): ObjectSchema | undefined {
  return kindOf(apiVersion, kind)?.schema ?? (apiVersion === '' && kind === testKind ? authorizationTest : undefined)
}

/** The kind of policy-test files. */
export const testKind = 'AuthorizationTest'

/** The schema at a path below a kind; undefined for what is unknown or free-form. */
export function schemaAt(root: ObjectSchema, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>((schema, step) => (schema ? child(schema, step) : undefined), root)
}

/** The field a path ends in, with its explanation. */
export function fieldAt(root: ObjectSchema, path: Path): Field | undefined {
  const last = path.at(-1)
  const parent = schemaAt(root, path.slice(0, -1))
  return parent?.type === 'object' && typeof last === 'string' ? own(parent.fields, last) : undefined
}

function child(schema: Schema, step: string | number): Schema | undefined {
  if (schema.type === 'object') return typeof step === 'string' ? own(schema.fields, step)?.schema : undefined
  if (schema.type === 'list') return typeof step === 'number' ? schema.items : undefined
  if (schema.type === 'map') return typeof step === 'string' ? schema.values : undefined
  return undefined
}
