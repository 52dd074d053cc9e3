// What a proxy does in a TLS handshake: which secrets it shows and trusts, and which names it demands of its peer.
// Shapes: envoy/api: extensions/transport_sockets/tls/v3/tls.proto, common.proto (CommonTlsContext, CertificateValidationContext).
import { field, type Json, listOf, textOf } from '../json.ts'

export interface TlsContext {
  /** Names of the secrets that it presents, `inline` for a certificate that stands in the configuration; empty for a client that shows none. */
  readonly certificates: readonly string[]
  /** Name of the secret with the roots that the peer's chain must end at; absent: nothing is verified, or the roots stand in the configuration. */
  readonly roots?: string
  /** Whether the peer's chain is verified at all. */
  readonly verifies: boolean
  /** One of these must be a name of the peer's certificate; empty: any name will do. */
  readonly names: readonly NameMatch[]
  /** What a client offers, or a server chooses from. */
  readonly alpn: readonly string[]
  /** Of a client. */
  readonly sni?: string
  /** Of a server. */
  readonly requiresClientCertificate: boolean
  readonly minimumVersion?: string
}

export interface NameMatch {
  readonly match: 'exact' | 'prefix' | 'suffix' | 'contains' | 'regex' | 'other'
  readonly value: string
  readonly ignoreCase: boolean
  /** `URI`, `DNS`, `IP_ADDRESS` …; absent: of any type. */
  readonly type?: string
}

/** `DownstreamTlsContext` or `UpstreamTlsContext` of a transport socket; undefined for a socket without TLS. */
export function readTls(socket: Json | undefined): TlsContext | undefined {
  const config = field(socket, 'typed_config')
  const common = field(config, 'common_tls_context')
  if (common === undefined) return undefined
  const validation = validationOf(common)
  const context = validation.context
  const sni = textOf(field(config, 'sni'))
  const minimum = textOf(field(field(common, 'tls_params'), 'tls_minimum_protocol_version'))
  return {
    certificates: [
      ...listOf(field(common, 'tls_certificate_sds_secret_configs')).flatMap(nameOf),
      ...listOf(field(common, 'tls_certificates')).map(() => 'inline'),
    ],
    ...(validation.roots === undefined ? {} : { roots: validation.roots }),
    verifies:
      validation.roots !== undefined || field(context, 'trusted_ca') !== undefined || field(context, 'system_root_certs') !== undefined,
    names: [...listOf(field(context, 'match_subject_alt_names')), ...listOf(field(context, 'match_typed_subject_alt_names'))].map(matchOf),
    alpn: listOf(field(common, 'alpn_protocols')).flatMap(each => textOf(each) ?? []),
    ...(sni === undefined ? {} : { sni }),
    requiresClientCertificate: field(config, 'require_client_certificate') === true,
    ...(minimum === undefined ? {} : { minimumVersion: minimum }),
  }
}

function validationOf(common: Json): { readonly context: Json | undefined; readonly roots?: string } {
  const combined = field(common, 'combined_validation_context')
  const [roots] = nameOf(field(combined ?? common, 'validation_context_sds_secret_config'))
  const context = combined === undefined ? field(common, 'validation_context') : field(combined, 'default_validation_context')
  return { context, ...(roots === undefined ? {} : { roots }) }
}

function nameOf(secret: Json | undefined): readonly string[] {
  const name = textOf(field(secret, 'name'))
  return name === undefined ? [] : [name]
}

const matches = ['exact', 'prefix', 'suffix', 'contains'] as const

/** A `StringMatcher`, or a `SubjectAltNameMatcher` that holds one. */
function matchOf(item: Json): NameMatch {
  const typed = field(item, 'san_type')
  const matcher = typed === undefined ? item : field(item, 'matcher')
  const type = textOf(typed)
  const kind = matches.find(each => textOf(field(matcher, each)) !== undefined)
  const regex = textOf(field(field(matcher, 'safe_regex'), 'regex'))
  return {
    match: kind ?? (regex === undefined ? 'other' : 'regex'),
    value: (kind ? textOf(field(matcher, kind)) : regex) ?? '',
    ignoreCase: field(matcher, 'ignore_case') === true,
    ...(type === undefined ? {} : { type }),
  }
}
