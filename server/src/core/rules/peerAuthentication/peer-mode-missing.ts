import { type Fields, fieldNamed, isNull } from '../../istio/schema/fields.ts'
import { peerAuthentication } from '../../istio/schema/peerAuthentication.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'peer-mode-missing',
  on: 'schema',
  of: [peerAuthentication],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A PeerAuthentication sets no mode.',
  why: 'Its workloads inherit the mode of the namespace or of the mesh, and plaintext is accepted where nobody sets one. The policy itself protects nothing.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: {}
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,

  *check({ fields, object }, mesh) {
    const spec = fields.object('spec')
    // Of a policy with ports the mode is rightly left out, and one with a selector does not count in the root namespace whatever it says.
    if (!spec || !isAllKnown(spec) || spec.has('portLevelMtls')) return
    if (spec.has('selector') && object.namespace === mesh.settings.rootNamespace) return
    const mtls = spec.object('mtls')
    if (mtls ? !isAllKnown(mtls) : spec.has('mtls')) return
    const mode = mtls?.text('mode')
    if (mode ? mode.value !== 'UNSET' : mtls?.has('mode')) return
    const where = mode ?? spec.key('mtls') ?? fields.object('metadata')?.get('name') ?? fields.get('kind')
    if (!where) return
    const what = `${mode ? '"UNSET"' : 'This policy'} sets no mode, so the workloads keep the one they inherit: PERMISSIVE where nobody sets one.`
    yield problem(where, `${what} Write a mode, such as "STRICT", or remove the policy.`)
  },
} satisfies SchemaRule

/** A misspelt field, or one that is still to be filled in, may be the mode. */
function isAllKnown({ schema, node }: Fields): boolean {
  return node?.entries.every(({ key, value }) => fieldNamed(schema, key.text) !== undefined && !isNull(value)) ?? true
}
