// Envoy's `/certs`: serials, names and times of the certificates in use, without issuers, keys or the certificates themselves.
// One element for each TLS context, so the same certificate comes many times. Shape: envoy/api: admin/v3/certs.proto.
import type { Certificate } from '../certificate/report.ts'
import { identityOf } from '../certificate/spiffe.ts'
import { field, isObject, type Json, listOf, textOf } from './json.ts'
import { type ProxyDump, partialCertificate, type Secret } from './secret.ts'

/** Undefined where the document is no answer of `/certs`. */
export function readCerts(document: Json): ProxyDump | undefined {
  const contexts = field(document, 'certificates')
  if (!Array.isArray(contexts) || !contexts.every(isContext)) return undefined
  const leaves = distinct(contexts.flatMap(context => listOf(field(context, 'cert_chain'))))
  const roots = distinct(contexts.flatMap(context => listOf(field(context, 'ca_cert'))))
  const secrets = [...leaves.map(leafSecret), ...(roots.length === 0 ? [] : [rootSecret(roots)])]
  const message =
    'Envoy\'s "/certs" tells serial numbers, names and times only, so issuers, keys and chains are not shown or judged. "/config_dump" tells them.'
  const problems = secrets.length === 0 ? [] : [{ entry: 'certs', severity: 'info' as const, id: 'certificate-partial', message }]
  return { source: 'envoy-certs', secrets, problems }
}

function isContext(context: Json): boolean {
  return isObject(context) && (Array.isArray(field(context, 'cert_chain')) || Array.isArray(field(context, 'ca_cert')))
}

function distinct(items: readonly Json[]): readonly Certificate[] {
  const certificates = items.flatMap(item => certificateOf(item) ?? [])
  return [...new Map(certificates.map(certificate => [certificate.serial, certificate])).values()]
}

function certificateOf(item: Json): Certificate | undefined {
  const san = listOf(field(item, 'subject_alt_names')).flatMap(nameOf)
  return partialCertificate({
    serial: (textOf(field(item, 'serial_number')) ?? '').toLowerCase(),
    notBefore: textOf(field(item, 'valid_from')) ?? '',
    notAfter: textOf(field(item, 'expiration_time')) ?? '',
    san,
    identity: identityOf(san),
  })
}

function nameOf(item: Json): Certificate['san'] {
  const kinds = [
    ['uri', 'uri'],
    ['dns', 'dns'],
    ['ip_address', 'ip'],
  ] as const
  return kinds.flatMap(([key, type]) => {
    const value = textOf(field(item, key))
    return value === undefined ? [] : [{ type, value }]
  })
}

function leafSecret(certificate: Certificate): Secret {
  const name = certificate.identity ?? certificate.san[0]?.value ?? `serial ${certificate.serial}`
  const role = certificate.identity === undefined ? 'other' : 'workload'
  return { name, role, state: 'active', bundle: false, material: [{ kind: 'facts', certificate }] }
}

function rootSecret(roots: readonly Certificate[]): Secret {
  return {
    name: 'ca_cert',
    role: 'root',
    state: 'active',
    bundle: true,
    material: roots.map(certificate => ({ kind: 'facts', certificate })),
  }
}
