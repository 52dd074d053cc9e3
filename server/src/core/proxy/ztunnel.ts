// ztunnel's `/config_dump`: one entry for each identity of its node (istio/ztunnel: src/admin.rs, src/identity/manager.rs).
// Newer ones list `rootCerts`; older ones put the root last in `certChain`.
import { fromBase64 } from '../certificate/pem.ts'
import type { Certificate, CertificateEntry } from '../certificate/report.ts'
import { field, isObject, type Json, listOf, textOf } from './json.ts'
import { type Material, type ProxyDump, partialCertificate, type Secret } from './secret.ts'

/** Undefined where the document is no ztunnel dump. Takes the whole dump or its list of certificates alone. */
export function readZtunnel(document: Json): ProxyDump | undefined {
  const items = Array.isArray(document) ? (document as readonly Json[]) : field(document, 'certificates')
  if (!Array.isArray(items) || !(items.every(isIdentity) && (items.length > 0 || isWholeDump(document)))) return undefined
  const secrets = items.map(readIdentity)
  return { source: 'ztunnel', secrets: [...secrets, ...bundles(secrets)], problems: [] }
}

function isIdentity(item: Json): boolean {
  return isObject(item) && typeof item.identity === 'string'
}

function isWholeDump(document: Json): boolean {
  return isObject(document) && ['workloads', 'services', 'workloadState'].some(key => key in document)
}

function readIdentity(item: Json): Secret {
  const identity = textOf(field(item, 'identity')) ?? 'unnamed'
  const said = textOf(field(item, 'state')) ?? ''
  const state = stateOf(said)
  const sent = listOf(field(item, 'certChain'))
  const rootCerts = listOf(field(item, 'rootCerts'))
  const roots = rootCerts.length > 0 ? rootCerts : sent.slice(1).slice(-1)
  return {
    name: identity,
    role: 'workload',
    state,
    bundle: false,
    material: sent.flatMap((certificate, at) => material(certificate, at === 0 ? identity : undefined)),
    ...(roots.length === 0 ? {} : { roots: roots.flatMap(certificate => material(certificate, undefined)) }),
    ...(state === 'missing' && said !== '' ? { reason: said } : {}),
  }
}

/** Each different set of roots once, as an entry of its own: on most nodes all identities share one. */
function bundles(secrets: readonly Secret[]): readonly Secret[] {
  const sets = new Map(secrets.flatMap(({ roots }) => (roots === undefined ? [] : [[JSON.stringify(roots), roots] as const])))
  return [...sets.values()].map(material => ({ name: 'ROOTCA', role: 'root', state: 'active', bundle: true, material }))
}

function stateOf(said: string): CertificateEntry['state'] {
  if (said === 'Initializing') return 'warming'
  return said.startsWith('Unavailable') ? 'missing' : 'active'
}

/** `pem` is base64 of PEM, in older dumps the PEM itself; without either the serial (decimal) and the times are all there is. */
function material(item: Json, identity: string | undefined): readonly Material[] {
  const pem = textOf(field(item, 'pem'))
  if (pem?.includes('-----BEGIN')) return [{ kind: 'pem', text: pem }]
  const bytes = pem === undefined ? undefined : fromBase64(pem)
  if (bytes !== undefined) return [{ kind: 'pem', text: new TextDecoder().decode(bytes) }]
  const certificate = factsOf(item, identity)
  return certificate === undefined ? [] : [{ kind: 'facts', certificate }]
}

function factsOf(item: Json, identity: string | undefined): Certificate | undefined {
  const decimal = textOf(field(item, 'serialNumber')) ?? ''
  const hex = /^\d{1,60}$/.test(decimal) ? BigInt(decimal).toString(16) : ''
  return partialCertificate({
    serial: hex.padStart(hex.length + (hex.length % 2), '0'),
    notBefore: textOf(field(item, 'validFrom')) ?? '',
    notAfter: textOf(field(item, 'expirationTime')) ?? '',
    san: identity === undefined ? [] : [{ type: 'uri', value: identity }],
    identity,
  })
}
