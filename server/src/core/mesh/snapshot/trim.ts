// An object of a cluster as a snapshot keeps it: what decides about security, and nothing that may be secret.

import { own } from '../../istio/own.ts'
import { meshSettings } from '../../istio/read.ts'
import type { Node } from '../../yaml/tree.ts'
import { writeYaml } from '../../yaml/write.ts'

export type Json = Readonly<Record<string, unknown>>

/** Undefined for what has no place in a snapshot: Secrets, and what has no name. */
export function trimmed(object: unknown): Json | undefined {
  if (!isJson(object) || !isJson(object.metadata) || typeof object.kind !== 'string' || object.kind === 'Secret') return undefined
  const { apiVersion, kind, metadata, ...rest } = object
  if (typeof metadata.name !== 'string') return undefined
  const { spec, status, ...others } = withoutSecrets((own(parts, kind) ?? specOnly)(rest)) as Json
  return { apiVersion, kind, metadata: metadataOf(metadata, kind), ...others, ...given({ spec, status }) }
}

type Part = (object: Json) => Json

const nothing: Part = () => ({})
const specOnly: Part = ({ spec }) => given({ spec })

/** What is kept of a kind beside its metadata; of all others the spec. */
const parts: Readonly<Record<string, Part>> = {
  Namespace: nothing,
  ServiceAccount: nothing,
  // Both may hold anything, and nobody reads it.
  EnvoyFilter: nothing,
  MutatingWebhookConfiguration: nothing,
  WasmPlugin: ({ spec }) => ({ spec: only(spec, ['selector', 'targetRef', 'targetRefs']) }),
  Pod: ({ spec, status }) => ({
    spec: podSpec(spec),
    status: {
      ...only(status, ['phase', 'podIP']),
      conditions: listOf(field(status, 'conditions'))
        .filter(each => field(each, 'type') === 'Ready')
        .map(each => only(each, ['type', 'status'])),
    },
  }),
  Service: ({ spec }) => ({
    spec: {
      ...only(spec, ['type', 'externalName', 'selector', 'ports']),
      // Any other address says nothing.
      ...(field(spec, 'clusterIP') === 'None' ? { clusterIP: 'None' } : {}),
    },
  }),
  EndpointSlice: ({ addressType, endpoints, ports }) => ({
    addressType,
    endpoints: listOf(endpoints).map(each => only(each, ['addresses', 'targetRef'])),
    ...given({ ports }),
  }),
  Deployment: template,
  StatefulSet: template,
  DaemonSet: template,
  ReplicaSet: template,
  Rollout: template,
  Job: template,
  CronJob: ({ spec }) => ({ spec: { jobTemplate: template(json(field(spec, 'jobTemplate'))) } }),
  ConfigMap: ({ data }) => ({
    data: given({ mesh: settingsText(field(data, 'mesh')), meshNetworks: settingsText(field(data, 'meshNetworks')) }),
  }),
  Gateway: ({ spec, status }) => ({ ...given({ spec }), status: only(status, ['addresses']) }),
  // Headers that a route sets may be credentials.
  VirtualService: ({ spec }) => ({
    spec: {
      ...only(spec, ['hosts', 'gateways', 'exportTo']),
      http: listOf(field(spec, 'http')).map(each => only(each, ['name', 'match'])),
    },
  }),
  // Only that there is an expression matters.
  Telemetry: ({ spec }) => ({
    spec: {
      ...only(spec, ['selector', 'targetRef', 'targetRefs']),
      accessLogging: listOf(field(spec, 'accessLogging')).map(each =>
        field(field(each, 'filter'), 'expression') === undefined ? {} : { filter: { expression: 'true' } },
      ),
    },
  }),
  CustomResourceDefinition: ({ spec }) => ({ spec: withoutDescriptions(only(spec, ['group', 'names', 'versions'])) }),
}

function template({ spec }: Json): Json {
  const inside = field(spec, 'template')
  const metadata = json(field(inside, 'metadata'))
  return {
    spec: {
      template: {
        metadata: given({ labels: metadata.labels, annotations: annotationsOf(metadata.annotations) }),
        spec: podSpec(field(inside, 'spec')),
      },
    },
  }
}

function podSpec(spec: unknown): Json {
  const containers = (name: string) => listOf(field(spec, name)).map(containerOf)
  return {
    ...only(spec, ['serviceAccountName', 'nodeName', 'hostNetwork']),
    containers: containers('containers'),
    ...(listOf(field(spec, 'initContainers')).length > 0 ? { initContainers: containers('initContainers') } : {}),
  }
}

/** Images of Istio's own containers tell their versions; the environment of istiod has its switches. */
function containerOf(container: unknown): Json {
  const name = field(container, 'name')
  const image = name === 'istio-proxy' || name === 'discovery' ? ['image'] : []
  const env = listOf(field(container, 'env'))
    .map(each => only(each, ['name', 'value']))
    .filter(
      each =>
        typeof each.name === 'string' &&
        typeof each.value === 'string' &&
        /^(?:REVISION$|PILOT_|AMBIENT_|CLUSTER_|ENABLE_)/.test(each.name),
    )
  return { ...only(container, ['name', 'ports', 'restartPolicy', ...image]), ...(name === 'discovery' && env.length > 0 ? { env } : {}) }
}

function metadataOf(metadata: Json, kind: string): Json {
  const owner = kind === 'Pod' ? listOf(metadata.ownerReferences).find(each => field(each, 'controller') === true) : undefined
  return given({
    ...only(metadata, ['name', 'namespace', 'creationTimestamp', 'labels']),
    annotations: annotationsOf(metadata.annotations),
    ownerReferences: owner === undefined ? undefined : [only(owner, ['apiVersion', 'kind', 'name', 'controller'])],
  })
}

/** Those of Istio. The injector's note of what it did is long, and nobody reads it. */
function annotationsOf(annotations: unknown): Json | undefined {
  const kept = Object.entries(json(annotations)).filter(
    ([key]) => (/(?:^|\.)istio\.io\//.test(key) || key.startsWith('istio-security/')) && key !== 'sidecar.istio.io/status',
  )
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

/** Settings that istiod cannot read either stay unreadable. */
function settingsText(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  const settings = meshSettings(text)
  return settings ? writeYaml(withoutSecrets(jsonOf(settings))).text : '['
}

/** The value of a tree. */
export function jsonOf(node: Node | undefined): unknown {
  switch (node?.kind) {
    case undefined:
      return null
    case 'scalar':
      return node.value
    case 'sequence':
      return node.items.map(jsonOf)
    case 'mapping':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, jsonOf(value)]))
  }
}

const secretName = /token$|password|passwd|apikey|api_key|secretkey|privatekeydata|bearer/i

/** Values that are keys or passwords by their name or their look. Public keys stay; a key set with others is emptied. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets)
  if (typeof value === 'string') return /PRIVATE KEY-----/.test(value) ? '' : value
  if (!isJson(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) => {
      if (typeof each === 'string' && secretName.test(name)) return []
      if (name === 'jwks' && typeof each === 'string') return [[name, publicKeys(each)]]
      return [[name, withoutSecrets(each)]]
    }),
  )
}

/** Symmetric and private keys have these members. */
function publicKeys(jwks: string): string {
  return /"(?:k|d|p|q|dp|dq|qi)"\s*:/.test(jwks) ? '{"keys":[]}' : jwks
}

/** Half of what a CRD is. */
function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions)
  if (!isJson(value)) return value
  const kept = Object.entries(value).filter(([name, each]) => name !== 'description' || typeof each !== 'string')
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutDescriptions(each)]))
}

function field(value: unknown, name: string): unknown {
  return isJson(value) ? value[name] : undefined
}

function only(value: unknown, names: readonly string[]): Json {
  return Object.fromEntries(names.flatMap(name => (field(value, name) === undefined ? [] : [[name, field(value, name)]])))
}

function given(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function json(value: unknown): Json {
  return isJson(value) ? value : {}
}

export function isJson(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
