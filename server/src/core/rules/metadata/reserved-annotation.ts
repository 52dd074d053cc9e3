import { objectMeta } from '../../istio/schema/objectMeta.ts'
import { entriesAt } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

/** Source: istio/istio pkg/config/validation/validation.go (validateMetadata), pkg/config/constants/constants.go. */
const reserved: Readonly<Record<string, string>> = {
  'internal.istio.io/webhook-always-reject': 'makes the webhook refuse any object: it is a probe of Istio itself',
  'internal.istio.io/parents': 'is written only by Istio, on objects that it makes from others',
  'internal.istio.io/parent-namespace': 'is written only by Istio, on objects that it makes from others',
}

export default {
  id: 'reserved-annotation',
  on: 'schema',
  of: [objectMeta],
  entrywise: true,
  severity: 'error',
  istio: ['webhook'],
  summary: 'An annotation that only Istio itself may write.',
  why: 'It would give the object the rights of another one, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
  annotations: { internal.istio.io/parents: Gateway/public.shop }
spec: { mtls: { mode: STRICT } }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec: { mtls: { mode: STRICT } }
`,

  *check({ fields }) {
    for (const { key } of entriesAt(fields.get('annotations'))) {
      const what = Object.hasOwn(reserved, key.text) ? reserved[key.text] : undefined
      if (what) yield problem(key, `"${key.text}" ${what}, so Istio refuses the object. Remove the annotation.`)
    }
  },
} satisfies SchemaRule
