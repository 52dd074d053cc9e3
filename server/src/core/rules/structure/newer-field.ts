import { admits } from '../../istio/openApi.ts'
import { decides, liveSchemaAt } from '../../mesh/liveSchema.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'newer-field',
  on: 'schema',
  severity: 'warning',
  istio: ['crd', 'strict'],
  summary: 'A field that the installed Istio does not have yet.',
  why: 'The CRD of an older Istio refuses the object; with validation switched off it drops the field, and the policy means something else.',
  codes: [],
  bad: `
# Istio 1.26
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: idp, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwksUri: https://idp.example.com/keys
      spaceDelimitedClaims: [roles]
`,
  good: `
# Istio 1.26
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: idp, namespace: shop }
spec:
  jwtRules:
    - issuer: https://idp.example.com
      jwksUri: https://idp.example.com/keys
`,

  *check(visit, mesh) {
    const { schema, fields, object } = visit
    const { istioVersion } = mesh
    if (schema.type !== 'object' || istioVersion === undefined) return
    // The CRD itself knows better than its version: see unserved-field.
    const live = liveSchemaAt(mesh, visit)
    if (live && decides(mesh, object.apiVersion, object.kind)) return
    for (const name of fields.names) {
      const since = schema.fields[name]?.since
      const key = fields.key(name)
      if (!since || !key || !isOlder(istioVersion, since) || (live && admits(live, key.text))) continue
      yield problem(
        key,
        `"${name}" came with Istio ${since}, and this mesh runs ${istioVersion}, so the API server refuses the object. Upgrade first, or leave it out.`,
      )
    }
  },
} satisfies SchemaRule

/** Of versions in the form `1.30`; a version that is not understood is not older. */
function isOlder(version: string, than: string): boolean {
  const [major = Number.NaN, minor = Number.NaN] = version.split('.').map(Number)
  const [thanMajor = 0, thanMinor = 0] = than.split('.').map(Number)
  return major < thanMajor || (major === thanMajor && minor < thanMinor)
}
