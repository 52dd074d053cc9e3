// What the server is and serves: /version, /api, /apis and the resource lists behind them.
import { apiVersionOf, type ResourceType, resourceTypes } from './resources.ts'

/** The discovery document at a path, or undefined where the path is none of discovery's. */
export function discovery(path: string): object | undefined {
  if (path === '/version') return version
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups().map(groupOf) }
  const [, root, group, groupVersion, ...rest] = path.split('/')
  if (root === 'api') return group === 'v1' && groupVersion === undefined ? resourceList('v1') : undefined
  if (root !== 'apis' || group === undefined || rest.length > 0 || !groups().includes(group)) return undefined
  if (groupVersion === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group) }
  return resourceList(`${group}/${groupVersion}`)
}

const version = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-09-16T12:00:00Z',
  goVersion: 'go1.26.1',
  compiler: 'gc',
  platform: 'linux/amd64',
}

const reviews: ResourceType = {
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'selfsubjectaccessreviews',
  kind: 'SelfSubjectAccessReview',
  namespaced: false,
}
const served: readonly ResourceType[] = [
  ...resourceTypes,
  reviews,
  { ...reviews, plural: 'selfsubjectrulesreviews', kind: 'SelfSubjectRulesReview' },
]

const groups = (): readonly string[] => [...new Set(served.map(({ group }) => group))].filter(Boolean)

function groupOf(name: string) {
  const versions = [...new Set(served.filter(({ group }) => group === name).map(({ version }) => version))]
  const [preferredVersion, ...others] = versions.map(version => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: [preferredVersion, ...others], preferredVersion }
}

function resourceList(groupVersion: string): object | undefined {
  const types = served.filter(type => apiVersionOf(type) === groupVersion)
  if (types.length === 0) return undefined
  const resources = types.flatMap(({ plural, kind, namespaced, group }) => {
    const verbs = group === reviews.group ? ['create'] : ['get', 'list', 'watch']
    const resource = { name: plural, singularName: kind.toLowerCase(), namespaced, kind, verbs }
    if (plural !== 'pods') return [resource]
    return [resource, { name: 'pods/portforward', singularName: '', namespaced, kind: 'PodPortForwardOptions', verbs: ['create', 'get'] }]
  })
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }
}
