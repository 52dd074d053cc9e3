// Envoy's `/config_dump`: whole, narrowed with `?mask=dynamic_active_secrets,…`, or narrowed with `?resource=…` to bare entries;
// also what `istioctl proxy-config secret -o json` prints. Shapes: envoy/api: admin/v3/config_dump.proto, tls/v3/secret.proto.
import { fromBase64 } from '../certificate/pem.ts'
import { privateKey } from '../certificate/read.ts'
import type { CertificateEntry, CertificateProblem } from '../certificate/report.ts'
import { field, isObject, type Json, listOf, textOf } from './json.ts'
import type { Material, ProxyDump, Secret } from './secret.ts'

const sections = ['static_secrets', 'dynamic_active_secrets', 'dynamic_warming_secrets'] as const

/** Base64 of `[redacted]`, which Envoy puts in place of every key. */
const redactedBytes = 'W3JlZGFjdGVkXQ=='

/** Undefined where the document is no config dump. `{}` is one: the answer to a request that matched nothing. */
export function readConfigDump(document: Json): ProxyDump | undefined {
  if (!isConfigDump(document)) return undefined
  const configs = hasSections(document) ? [document] : listOf(field(document, 'configs'))
  const read = configs.flatMap(config => (isBareSecret(config) ? [readSecret(config, bareState(config))] : sectionSecrets(config)))
  const secrets = read.flatMap(({ secrets }) => secrets)
  return { source: 'envoy-config-dump', secrets: withoutPendingUpdates(secrets), problems: read.flatMap(({ problems }) => problems) }
}

interface ReadSecret {
  readonly secrets: readonly Secret[]
  readonly problems: readonly CertificateProblem[]
}

function isConfigDump(document: Json): boolean {
  return isObject(document) && (Object.keys(document).length === 0 || Array.isArray(document.configs) || hasSections(document))
}

function hasSections(document: Json): boolean {
  return sections.some(section => Array.isArray(field(document, section)))
}

function isBareSecret(config: Json): boolean {
  return /SecretsConfigDump\.(Dynamic|Static)Secret$/.test(textOf(field(config, '@type')) ?? '')
}

/** A bare entry does not say which list it is from; what has no content yet is warming. */
function bareState(config: Json): CertificateEntry['state'] {
  return textOf(field(config, 'version_info')) === 'uninitialized' ? 'warming' : 'active'
}

function sectionSecrets(config: Json): readonly ReadSecret[] {
  return sections.flatMap(section => {
    const state = section === 'dynamic_warming_secrets' ? 'warming' : 'active'
    return listOf(field(config, section)).map(item => readSecret(item, state))
  })
}

function readSecret(item: Json, state: CertificateEntry['state']): ReadSecret {
  const secret = field(item, 'secret')
  const name = textOf(field(item, 'name')) ?? textOf(field(secret, 'name')) ?? 'unnamed'
  const lastUpdated = textOf(field(item, 'last_updated'))
  // Tokens and session keys come as secrets too; they are no certificates.
  if (field(secret, 'generic_secret') !== undefined || field(secret, 'session_ticket_keys') !== undefined)
    return { secrets: [], problems: [] }
  const certificate = field(secret, 'tls_certificate')
  const context = field(secret, 'validation_context')
  const bundle = context !== undefined
  const common = { name, role: roleOf(name, bundle), bundle, ...(lastUpdated === undefined ? {} : { lastUpdated }) }
  const sources = bundle ? trustSources(context) : [{ source: field(certificate, 'certificate_chain') }]
  const read = sources.map(({ source, trustDomain }) => {
    const { material, problems } = readDataSource(source, name)
    const held: CertificateEntry['state'] = state === 'active' && material.length === 0 ? 'missing' : state
    return { secret: { ...common, state: held, material, ...(trustDomain === undefined ? {} : { trustDomain }) }, problems }
  })
  return {
    secrets: read.map(({ secret }) => secret),
    problems: [
      ...read.flatMap(({ problems }) => problems),
      ...(holdsKey(field(certificate, 'private_key')) ? [{ entry: name, ...privateKey('in this dump') }] : []),
    ],
  }
}

/** One bundle, or with SPIFFE federation one for each trust domain (tls/v3/tls_spiffe_validator_config.proto). */
function trustSources(context: Json): readonly { readonly source: Json | undefined; readonly trustDomain?: string }[] {
  const validator = field(field(context, 'custom_validator_config'), 'typed_config')
  const domains = listOf(field(validator, 'trust_domains')).flatMap(domain => {
    const trustDomain = textOf(field(domain, 'name'))
    return trustDomain === undefined ? [] : [{ source: field(domain, 'trust_bundle'), trustDomain }]
  })
  return domains.length > 0 ? domains : [{ source: field(context, 'trusted_ca') }]
}

function readDataSource(
  source: Json | undefined,
  entry: string,
): { readonly material: readonly Material[]; readonly problems: readonly CertificateProblem[] } {
  const path = textOf(field(source, 'filename'))
  if (path !== undefined) return { material: [{ kind: 'file', path }], problems: [] }
  const text = textOf(field(source, 'inline_string'))
  if (text !== undefined) return { material: [{ kind: 'pem', text }], problems: [] }
  const base64 = textOf(field(source, 'inline_bytes'))
  if (base64 === undefined) return { material: [], problems: [] }
  const bytes = fromBase64(base64)
  if (bytes !== undefined) return { material: [{ kind: 'pem', text: new TextDecoder().decode(bytes) }], problems: [] }
  const message = 'Its bytes are not valid base64: the dump was changed or cut. Take the dump anew.'
  return { material: [], problems: [{ entry, severity: 'error', id: 'certificate-unreadable', message }] }
}

/** Whether a key was left in the dump. Its bytes are compared with Envoy's placeholder and with nothing else. */
function holdsKey(source: Json | undefined): boolean {
  const bytes = textOf(field(source, 'inline_bytes')) ?? redactedBytes
  const text = textOf(field(source, 'inline_string')) ?? '[redacted]'
  return bytes !== redactedBytes || text !== '[redacted]'
}

function roleOf(name: string, bundle: boolean): CertificateEntry['role'] {
  if (name === 'default') return 'workload'
  if (name === 'ROOTCA') return 'root'
  // SPIRE names its secrets by identity and by trust domain.
  if (name.startsWith('spiffe://')) return bundle ? 'root' : 'workload'
  return /^(kubernetes|kubernetes-gateway|configmap):\/\//.test(name) ? 'gateway' : 'other'
}

/** While a secret is being replaced it is listed twice; the one in use says more than the one awaited. */
function withoutPendingUpdates(secrets: readonly Secret[]): readonly Secret[] {
  const inUse = new Set(secrets.filter(({ state, material }) => state === 'active' && material.length > 0).map(({ name }) => name))
  return secrets.filter(({ state, material, name }) => state !== 'warming' || material.length > 0 || !inUse.has(name))
}
