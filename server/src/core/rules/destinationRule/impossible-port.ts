import { portTrafficPolicy } from '../../istio/schema/trafficPolicy.ts'
import { isUnknown, numberOf } from '../../istio/schema/values.ts'
import { problem, type SchemaRule } from '../rule.ts'

const largestPort = 65_535

export default {
  id: 'impossible-port',
  on: 'schema',
  of: [portTrafficPolicy],
  severity: 'warning',
  istio: 'accepts',
  summary: 'Settings for a port that no Service can have.',
  why: 'Ports are from 1 to 65535. Istio accepts the number and never uses the settings.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port: { number: 84430 }
        tls: { mode: ISTIO_MUTUAL }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews.shop.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
      - port: { number: 8443 }
        tls: { mode: ISTIO_MUTUAL }
`,

  *check({ fields }) {
    const port = fields.object('port')
    const place = port?.get('number') ?? fields.key('port')
    if (!port?.node || !place || isUnknown(port.get('number'))) return
    const number = port.node.entries.length === 0 ? 0 : numberOf(port.get('number'))
    if (number === undefined || (1 <= number && number <= largestPort) || number < 0) return
    yield problem(place, `No Service has the port ${number}, so these settings are never used. Write a number from 1 to ${largestPort}.`)
  },
} satisfies SchemaRule
