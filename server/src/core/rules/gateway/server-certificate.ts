import { lacks, placeIn, textAt, wordAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { asksClients, endsTls, serverTls } from '../../istio/schema/serverTls.ts'
import { live, type Span } from '../../yaml/tree.ts'
import { type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'server-certificate',
  on: 'schema',
  of: [serverTls],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A server that terminates TLS has no certificate, no key or no CA certificates.',
  why: 'It could not answer a handshake, so Istio refuses the object.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop-tls }
`,

  *check({ fields, key }) {
    const mode = wordAt(fields, 'mode')
    if (!endsTls(mode) || fields.isSet('credentialName') || fields.isSet('credentialNames')) return
    const place = placeIn(fields, key?.span ?? live)
    const where = fields.get('mode')?.span ?? place
    const files = fields.isSet('tlsCertificates') ? fields.objects('tlsCertificates') : [fields]
    const asked = asksClients(mode) && isEmpty(fields, 'caCertificates') ? ['caCertificates'] : []
    if (files[0] === fields && pair.every(name => isEmpty(fields, name))) {
      const more = asked.length > 0 ? ', or files in "serverCertificate", "privateKey" and "caCertificates"' : ''
      yield problem(where, `Mode "${mode}" needs a certificate, so Istio refuses the object. Name a Secret in "credentialName"${more}.`)
      return
    }
    for (const name of asked) yield missing(name, mode, where)
    for (const each of files) {
      const span = each === fields ? where : placeIn(each, fields.key('tlsCertificates')?.span ?? where)
      for (const name of pair) if (isEmpty(each, name)) yield missing(name, mode, each.get(name)?.span ?? span)
    }
  },
} satisfies SchemaRule

const pair = ['serverCertificate', 'privateKey'] as const

function isEmpty(fields: Fields, name: string): boolean {
  return textAt(fields, name) === '' || lacks(fields, name)
}

function missing(name: string, mode: string | undefined, where: Span): Problem {
  return problem(
    where,
    `Mode "${mode}" needs "${name}", so Istio refuses the object. Write the path of the file, or name a Secret in "credentialName".`,
  )
}
