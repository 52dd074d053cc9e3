import { isNull } from '../../istio/schema/fields.ts'
import { portLevelMtls } from '../../istio/schema/peerAuthentication.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type PortKey, readPortKey } from '../../istio/values/portKey.ts'
import type { Scalar } from '../../yaml/tree.ts'
import { fix, type Judge, type Judgement, judged, type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'invalid-port-key',
  on: 'schema',
  of: [portLevelMtls],
  entrywise: true,
  severity: 'error',
  istio: ['webhook', 'crd', 'strict'],
  summary: 'A key of portLevelMtls is no port number.',
  why: 'Keys are the numbers of ports, 1 to 65535, without names, spaces or signs. The API server refuses any other.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout }
  mtls: { mode: STRICT }
  portLevelMtls:
    http: { mode: PERMISSIVE }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: checkout, namespace: shop }
spec:
  selector:
    matchLabels: { app: checkout }
  mtls: { mode: STRICT }
  portLevelMtls:
    8080: { mode: PERMISSIVE }
`,

  *check({ node }) {
    if (node.kind !== 'mapping') return
    for (const { key, value } of node.entries) {
      // A key that is null breaks the whole document.
      if (key.value === null || isPlaceholder(key.text)) continue
      const read = readPortKey(key)
      const refusal = refusalOf(read, isNull(value))
      if (refusal) yield judged(refusal, wrong(key, read))
    }
  },
} satisfies SchemaRule

/** The API server drops a port whose mode is null before it looks at the number. */
function refusalOf({ webhook, crd }: PortKey, dropped: boolean): Judgement | undefined {
  const judges: Judge[] = []
  if (webhook !== 'port') judges.push('webhook')
  if (crd !== 'port' && !dropped) judges.push('crd')
  if (webhook === 'no number') judges.push('strict')
  const [first, ...others] = judges
  return first && [first, ...others]
}

function wrong(key: Scalar, { webhook, crd, meant }: PortKey): Problem {
  const inRange = webhook !== 'out of range' && crd !== 'out of range'
  const what = `"${key.text}" is no port${inRange ? ' number' : ''}, so the API server refuses the object.`
  if (meant !== undefined) return problem(key, `${what} Write ${meant}.`, fix(`Write ${meant}`, { span: key.span, text: `"${meant}"` }))
  return problem(key, `${what} Write a number from 1 to 65535.`)
}
