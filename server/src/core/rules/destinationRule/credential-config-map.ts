import { clientTls } from '../../istio/schema/clientTls.ts'
import { isUnknown } from '../../istio/schema/values.ts'
import { problem, type SchemaRule } from '../rule.ts'
import { namespaceOf } from './namespace.ts'

const scheme = 'configmap://'

export default {
  id: 'credential-config-map',
  on: 'schema',
  of: [clientTls],
  severity: 'error',
  istio: ['webhook'],
  summary: 'credentialName names a ConfigMap incompletely, or in another namespace.',
  why: 'Istio refuses the object. A ConfigMap with CA certificates is configmap://<namespace>/<name>, in the namespace of the rule.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  workloadSelector: { matchLabels: { app: web } }
  trafficPolicy:
    tls:
      mode: SIMPLE
      credentialName: configmap://pki/bank-ca
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  workloadSelector: { matchLabels: { app: web } }
  trafficPolicy:
    tls:
      mode: SIMPLE
      credentialName: configmap://shop/bank-ca
`,

  *check({ fields: tls, object }) {
    const credential = tls.text('credentialName')
    if (!credential?.value.startsWith(scheme) || isUnknown(tls.get('credentialName'))) return
    const [namespace = '', name = ''] = credential.value.slice(scheme.length).split('/')
    const own = namespaceOf(object)
    if (namespace === '' || name === '') {
      const form = `${scheme}<namespace>/<name>`
      yield problem(credential, `"${credential.value}" names no ConfigMap, so Istio refuses the object. Write "${form}".`)
    } else if (own !== undefined && namespace !== own) {
      yield problem(
        credential,
        `The ConfigMap must be in "${own}", the namespace of the rule, not in "${namespace}", so Istio refuses the object. Name one that is there.`,
      )
    }
  },
} satisfies SchemaRule
