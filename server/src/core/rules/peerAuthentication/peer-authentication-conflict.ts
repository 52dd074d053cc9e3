import { byAge, levelOf, selectedBy } from '../../decide/mtls/server.ts'
import type { PeerAuthentication } from '../../istio/resources.ts'
import { selects } from '../../istio/selector.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'
import { live } from '../../yaml/tree.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'peer-authentication-conflict',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'Two PeerAuthentications of the same level cover the same workloads.',
  why: 'Only the oldest of them counts; the others are silently ignored as a whole.',
  codes: ['KIA0002', 'KIA0003'],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: PERMISSIVE }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: strict, namespace: shop }
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

  *check(written, mesh) {
    // The mesh knows how old the object is that the file stands for.
    const policy = mesh.in('PeerAuthentication', written.namespace).find(({ at }) => at === written.at) ?? written
    const rival = rivalsOf(policy, mesh).toSorted(byAge)[0]
    if (!rival) return
    const aged = policy.created !== undefined || rival.created !== undefined
    const [winner] = [policy, rival].toSorted(byAge)
    const name = (each: PeerAuthentication) => `"${each.namespace}/${each.name}"`
    const outcome = !aged
      ? 'Only the older of the two counts'
      : winner === policy
        ? `This one is older and counts; ${name(rival)} is ignored`
        : `${name(rival)} is older and counts; this one is ignored`
    const shared = quoted(sharedIfPartly(policy, rival, mesh))
    const message =
      shared !== ''
        ? `${name(rival)} covers ${shared} too. ${outcome} for ${shared}. Change one of the selectors.`
        : `${name(rival)} covers the same workloads. ${outcome}. Keep one.`
    const { source, at } = rival
    const where = { message: 'The other policy', uri: source.from === 'file' ? source.uri : '', span: at.name ?? at.kind }
    yield { ...problem(policy.at.name ?? policy.at.kind, message), related: source.from === 'file' && where.span !== live ? [where] : [] }
  },
} satisfies Rule<'PeerAuthentication'>

/** The workloads under both policies, where one of them covers others besides; none where both cover the same. */
function sharedIfPartly(policy: PeerAuthentication, rival: PeerAuthentication, mesh: Mesh): readonly Workload[] {
  const own = selectedBy(policy, mesh)
  const theirs = selectedBy(rival, mesh)
  const shared = own.filter(each => theirs.includes(each))
  return shared.length === own.length && shared.length === theirs.length ? [] : shared
}

function quoted(workloads: readonly Workload[]): string {
  const names = workloads.slice(0, 3).map(each => `"${each.name}"`)
  return names.join(', ') + (workloads.length > names.length ? ` and ${workloads.length - names.length} more` : '')
}

/** Policies certain to stand beside this one: of the cluster, or of the same file. Another file may belong to another environment. */
function rivalsOf(policy: PeerAuthentication, mesh: Mesh): readonly PeerAuthentication[] {
  const { rootNamespace } = mesh.settings
  const level = levelOf(policy, rootNamespace)
  if (!level) return []
  return mesh.in('PeerAuthentication', policy.namespace).filter(other => {
    if (other.name === policy.name || levelOf(other, rootNamespace) !== level) return false
    if (other.source.from === 'file' && !(policy.source.from === 'file' && other.source.uri === policy.source.uri)) return false
    return (
      level !== 'workload' ||
      mesh.workloadsIn(policy.namespace).some(each => selects(policy.selector, each.labels) && selects(other.selector, each.labels))
    )
  })
}
