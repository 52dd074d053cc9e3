import { nearest } from '../../istio/nearest.ts'
import { objectsOf } from '../../istio/read.ts'
import { isRemoved } from '../../istio/removed/kinds.ts'
import type { KindSchema } from '../../istio/schema/index.ts'
import { groupOf, kinds } from '../../istio/schema/index.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Located, type Node, stringAt } from '../../yaml/tree.ts'
import { type DocumentRule, type Problem, problem, replacement } from '../rule.ts'

type ServedKind = Pick<KindSchema, 'group' | 'kind' | 'versions'>

/** What Istio's CRDs serve. Source: istio/istio manifests/charts/base/files/crd-all.gen.yaml. */
const served: readonly ServedKind[] = [
  ...kinds.filter(({ group }) => group.endsWith('.istio.io')),
  { group: 'networking.istio.io', kind: 'EnvoyFilter', versions: ['v1alpha3'] },
  { group: 'extensions.istio.io', kind: 'WasmPlugin', versions: ['v1alpha1'] },
]

export default {
  id: 'unknown-api-version',
  on: 'document',
  severity: 'error',
  istio: ['crd'],
  summary: 'A group or version in which the API server does not have this kind.',
  why: 'The API server finds nothing that matches and refuses the object. "istioctl validate" skips such an object and calls the file valid.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1alpha1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,

  *check({ root }) {
    for (const object of objectsOf(root)) {
      const found = mismatch(object)
      if (found) yield found
    }
  },
} satisfies DocumentRule

function mismatch(object: Node | undefined): Problem | undefined {
  const apiVersion = stringAt(object, 'apiVersion')
  const kind = stringAt(object, 'kind')
  if (!apiVersion || !kind || isPlaceholder(apiVersion.value) || isPlaceholder(kind.value) || isRemoved(apiVersion.value, kind.value))
    return undefined
  const group = groupOf(apiVersion.value)
  const inGroup = served.filter(each => each.group === group)
  if (inGroup.length === 0) return undefined
  const known = inGroup.find(each => each.kind === kind.value)
  return known ? wrongVersion(known, apiVersion) : (wrongGroup(kind.value, apiVersion) ?? wrongKind(inGroup, kind))
}

function wrongVersion(known: ServedKind, apiVersion: Located<string>): Problem | undefined {
  const version = apiVersion.value.slice(known.group.length + 1)
  if (known.versions.includes(version)) return undefined
  const what = version === '' ? `"${apiVersion.value}" names no version` : `There is no version "${version}" of ${known.kind}`
  return refused(apiVersion, `${what}, so the API server refuses the object.`, known)
}

function wrongGroup(kind: string, apiVersion: Located<string>): Problem | undefined {
  const other = served.find(each => each.kind === kind)
  return (
    other &&
    refused(
      apiVersion,
      `"${kind}" is a kind of ${other.group}, not of ${groupOf(apiVersion.value)}, so the API server refuses the object.`,
      other,
    )
  )
}

/** A kind that Istio may have one day is none of ours; a misspelled one is. */
function wrongKind(inGroup: readonly ServedKind[], kind: Located<string>): Problem | undefined {
  const names = inGroup.map(each => each.kind)
  const meant = names.find(name => name.toLowerCase() === kind.value.toLowerCase()) ?? nearest(kind.value, names)
  if (!meant) return undefined
  const what = `${inGroup[0]?.group} has no kind "${kind.value}", so the API server refuses the object.`
  return problem(kind, `${what} Did you mean "${meant}"?`, replacement(kind, meant))
}

function refused(apiVersion: Located<string>, what: string, { group, versions: [version = ''] }: ServedKind): Problem {
  const right = `${group}/${version}`
  return problem(apiVersion, `${what} Write "${right}".`, replacement(apiVersion, right))
}
