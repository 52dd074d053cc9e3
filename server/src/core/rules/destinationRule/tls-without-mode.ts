import { clientTls } from '../../istio/schema/clientTls.ts'
import { lacks } from '../../istio/schema/decoded.ts'
import { fieldNamed } from '../../istio/schema/fields.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'tls-without-mode',
  on: 'schema',
  of: [clientTls],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A tls block without a mode.',
  why: 'A missing mode means DISABLE: the proxy sends plaintext, and automatic mutual TLS is off.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  trafficPolicy:
    tls:
      sni: bank.example.com
`,
  good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: shop }
spec:
  host: bank.example.com
  trafficPolicy:
    tls:
      mode: SIMPLE
      caCertificates: /etc/certs/ca.pem
      sni: bank.example.com
`,

  *check({ node, fields: tls, key }) {
    if (node.kind !== 'mapping' || !lacks(tls, 'mode')) return
    // A misspelt mode is another rule's finding.
    if (node.entries.some(entry => fieldNamed(clientTls, entry.key.text) === undefined)) return
    yield problem(
      key ?? node,
      'This "tls" block has no mode, which means "DISABLE": the proxy sends plaintext. Add "mode: ISTIO_MUTUAL" for a service of the mesh, "SIMPLE" or "MUTUAL" for another, or remove the block for automatic mutual TLS.',
    )
  },
} satisfies SchemaRule
