import { lacks, numberAt, trueAt } from '../../istio/schema/decoded.ts'
import { outlierDetection } from '../../istio/schema/trafficPolicy.ts'
import { isUnknown } from '../../istio/schema/values.ts'
import { problem, type SchemaRule } from '../rule.ts'

const percents = ['maxEjectionPercent', 'minHealthPercent'] as const

export default {
  id: 'invalid-outlier-detection',
  on: 'schema',
  of: [outlierDetection],
  severity: 'error',
  istio: ['webhook'],
  summary: 'Outlier detection with an impossible percentage, or with a limit for local failures that are not counted.',
  why: 'Istio refuses the object. Percentages are from 0 to 100, and consecutiveLocalOriginFailures needs splitExternalLocalOriginErrors.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    outlierDetection:
      consecutiveLocalOriginFailures: 5
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    outlierDetection:
      splitExternalLocalOriginErrors: true
      consecutiveLocalOriginFailures: 5
`,

  *check({ fields }) {
    const failures = fields.get('consecutiveLocalOriginFailures')
    const split = 'splitExternalLocalOriginErrors'
    const isSplit = trueAt(fields, split) || isUnknown(fields.get(split)) || !(fields.has(split) || lacks(fields, split))
    if (failures && !isSplit && (numberAt(fields, 'consecutiveLocalOriginFailures') ?? 0) > 0) {
      yield problem(failures, `This needs "${split}: true" beside it, so Istio refuses the object. Add it.`)
    }
    for (const name of percents) {
      const percent = fields.get(name)
      const value = numberAt(fields, name)
      if (!percent || value === undefined || (0 <= value && value <= 100)) continue
      yield problem(percent, `"${name}" is a percentage and cannot be ${value}, so Istio refuses the object. Write a number from 0 to 100.`)
    }
  },
} satisfies SchemaRule
