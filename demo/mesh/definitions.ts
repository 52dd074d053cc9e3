// The CustomResourceDefinitions of the cluster, by name only: they say that Istio and the Gateway API are installed, and in which versions.
import type { KubeObject } from '../api/object.ts'
import { resourceTypes } from '../api/resources.ts'

const customGroups = new Set([
  'security.istio.io',
  'networking.istio.io',
  'extensions.istio.io',
  'telemetry.istio.io',
  'gateway.networking.k8s.io',
])

export const definitions: readonly KubeObject[] = resourceTypes
  .filter(({ group }) => customGroups.has(group))
  .map(({ group, version, plural, kind, namespaced }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope: namespaced ? 'Namespaced' : 'Cluster',
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  }))
