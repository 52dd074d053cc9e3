// What a proxy said of itself, from its texts: a saved dump, or the answers of a running one.
import { withoutPrivateKeys } from '../../certificate/privateKeys.ts'
import { readEnvoyConfig } from '../../proxy/envoy/config.ts'
import { readClusterStatuses } from '../../proxy/envoy/endpoints.ts'
import { type Json, parseJson } from '../../proxy/json.ts'
import { readCertificates } from '../../proxy/readCertificates.ts'
import type { GatewaySaid } from './gateway.ts'

export interface GatewayTexts {
  /** Of `/config_dump`, best with `?include_eds`. */
  readonly dump: string
  /** Of `/clusters?format=json`. */
  readonly clusters?: string
  readonly log?: string
}

/** Undefined where `dump` is no config dump of Envoy; `clusters` that cannot be read counts as not given. `now` is RFC 3339. */
export function readGatewayTexts({ dump, clusters, log }: GatewayTexts, now: string): GatewaySaid | undefined {
  const config = readEnvoyConfig(jsonOf(dump) ?? null)
  if (!config) return undefined
  const told = clusters === undefined ? undefined : jsonOf(clusters)
  const statuses = told === undefined ? undefined : readClusterStatuses(told)
  return {
    config,
    certificates: readCertificates(dump, now),
    ...(statuses ? { statuses } : {}),
    ...(log === undefined ? {} : { log: withoutPrivateKeys(log) }),
  }
}

function jsonOf(text: string): Json | undefined {
  const parsed = parseJson(text)
  return parsed.kind === 'value' ? parsed.value : undefined
}
