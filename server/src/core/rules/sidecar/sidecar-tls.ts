import { holds, trueAt, wordAt } from '../../istio/schema/decoded.ts'
import { ingressListener } from '../../istio/schema/sidecar.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'sidecar-tls',
  on: 'schema',
  of: [ingressListener],
  severity: 'error',
  istio: ['webhook'],
  summary: 'TLS settings that an inbound port of a Sidecar does not support.',
  why: 'Certificates come only from files there, and redirects and client names are not supported, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 8443, protocol: HTTPS, name: https }
      defaultEndpoint: 127.0.0.1:8080
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 8443, protocol: HTTPS, name: https }
      defaultEndpoint: 127.0.0.1:8080
      tls: { mode: SIMPLE, serverCertificate: /etc/certs/tls.crt, privateKey: /etc/certs/tls.key }
`,

  *check({ fields }) {
    const tls = fields.object('tls')
    if (!tls || !fields.has('port')) return
    for (const [name, instead] of Object.entries(unsupported)) {
      const key = tls.key(name)
      if (!key || !(name === 'httpsRedirect' ? trueAt(tls, name) : holds(tls, name))) continue
      yield problem(key, `A Sidecar does not support "${name}", so Istio refuses the object. ${instead}`)
    }
    const mode = wordAt(tls, 'mode')
    const written = tls.get('mode')
    if (written && (mode === 'ISTIO_MUTUAL' || mode === 'AUTO_PASSTHROUGH')) {
      yield problem(
        written,
        `A Sidecar does not support mode "${mode}" here, so Istio refuses the object. Use "SIMPLE", "MUTUAL" or "OPTIONAL_MUTUAL".`,
      )
    }
  },
} satisfies SchemaRule

const files = 'Write the paths of files in "serverCertificate" and "privateKey".'

const unsupported: Readonly<Record<string, string>> = {
  subjectAltNames: 'Remove it; "caCertificates" decides which clients are trusted.',
  httpsRedirect: 'Remove it.',
  credentialName: files,
  credentialNames: files,
  tlsCertificates: files,
}
