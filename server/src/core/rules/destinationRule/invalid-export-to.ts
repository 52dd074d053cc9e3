import { destinationRuleSpec } from '../../istio/schema/destinationRule.ts'
import { serviceEntrySpec } from '../../istio/schema/serviceEntry.ts'
import { virtualServiceSpec } from '../../istio/schema/virtualService.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { checkExportTo } from '../../istio/values/visibility.ts'
import { problem, type SchemaRule } from '../rule.ts'
import { namespaceOf } from './namespace.ts'

export default {
  id: 'invalid-export-to',
  on: 'schema',
  of: [destinationRuleSpec, serviceEntrySpec, virtualServiceSpec],
  severity: 'error',
  istio: ['webhook'],
  summary: 'exportTo has an entry that is no namespace, is repeated or contradicts another.',
  why: 'Istio refuses the object. exportTo holds names of namespaces, "." for the own namespace, or "*" alone for all.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  exportTo: ["*", pay]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  exportTo: [".", pay]
`,

  *check({ schema, fields, object }) {
    const entries = fields.texts('exportTo').filter(({ value }) => value !== '' && !isPlaceholder(value))
    const of = schema === serviceEntrySpec ? 'ServiceEntry' : fields.has('workloadSelector') ? 'rule with workloadSelector' : 'object'
    for (const { entry, reason, advice } of checkExportTo(entries, namespaceOf(object), of))
      yield problem(entry, `${reason}, so Istio refuses the object. ${advice}`)
  },
} satisfies SchemaRule
