// Log lines of ztunnel, as text and as JSON.
// Source: istio/ztunnel:src/telemetry.rs (IstioFormat, IstioJsonFormat), src/proxy/metrics.rs (log_early_deny, access_log!),
// src/state.rs (assert_rbac), src/proxy/connection_manager.rs (PolicyWatcher).
import type { Entry } from './entries.ts'
import { type End, endAt, type Told } from './told.ts'

/** Undefined for what ztunnel did not write. */
export function readZtunnelLog({ text, json, reporter }: Entry): Told | undefined {
  const fields = json ? fromJson(json) : fromText(text)
  const { error, message } = fields
  const isAccess = fields['src.addr'] !== undefined || fields['dst.addr'] !== undefined
  if (!isAccess && !policyMessages.some(each => message?.includes(each))) return undefined
  const { direction } = fields
  const signal = error ?? (isAccess ? undefined : [message, fields.policy].flatMap(each => each ?? []).join(' policy='))
  return {
    form: 'ztunnel',
    signals: signal === undefined ? [] : [signal],
    flags: [],
    http: false,
    client: endOf('src', fields),
    server: serverOf(fields),
    ...(reporter === undefined ? {} : { reporter }),
    ...(direction === 'inbound' || direction === 'outbound' ? { direction } : {}),
    ...(isAccess || message?.includes('dry-run') ? {} : { echo: true }),
  }
}

/** Of the debug level, or with AUTHZ_POLICY_INFO_LOGGING; all but those of dry-run policies come before an access line that says the same. */
const policyMessages = [
  'dry-run: deny policy match',
  'dry-run: no allow policies match',
  'deny policy match',
  'no allow policies matched',
  "closed because it's no longer allowed after a policy update",
]

const tunnelPort = 15_008

/** Through the tunnel the workload's own port stands in `dst.hbone_addr`. */
function serverOf(fields: Fields): End {
  const end = endOf('dst', fields)
  const inTunnel = endAt(fields['dst.hbone_addr'])
  if (inTunnel.port !== undefined) return { ...end, ...inTunnel }
  const named = /:(\d{1,5})$/.exec(fields['dst.hbone_addr'] ?? '')?.[1]
  if (named !== undefined) return { ...end, port: Number(named) }
  const { port: _, ...portless } = end
  return end.port === tunnelPort ? portless : end
}

function endOf(side: 'src' | 'dst', fields: Fields): End {
  const { ip, port } = endAt(fields[`${side}.addr`])
  const [namespace, workload, host] = [
    fields[`${side}.namespace`],
    fields[`${side}.workload`],
    side === 'dst' ? fields['dst.service'] : undefined,
  ]
  const identity = fields[`${side}.identity`]?.replace(/^spiffe:\/\//, '') ?? shownNone(side, fields)
  return {
    ...(ip === undefined ? {} : { ip }),
    ...(port === undefined ? {} : { port }),
    ...(identity === undefined ? {} : { identity }),
    ...(workload === undefined ? {} : { pod: namespace === undefined ? workload : `${namespace}/${workload}` }),
    ...(host === undefined ? {} : { host }),
  }
}

/** A connection that arrives outside the tunnel is plaintext. */
function shownNone(side: 'src' | 'dst', fields: Fields): 'none' | undefined {
  if (side === 'dst' || fields.direction !== 'inbound') return undefined
  return endAt(fields['dst.addr']).port === tunnelPort || fields['dst.hbone_addr'] !== undefined ? undefined : 'none'
}

type Fields = Readonly<Partial<Record<string, string>>>

const pair = /([\w.]{1,40})=(?:"((?:[^"\\]|\\.)*)"|(\S+))/g

function fromText(text: string): Fields {
  // Only what is written as a pair; a line of anything else gives none.
  const pairs = [...text.matchAll(pair)].map(([, key = '', quoted, bare]) => [key, quoted?.replaceAll('\\"', '"') ?? bare] as const)
  return { message: text, ...Object.fromEntries(pairs) }
}

function fromJson(json: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(Object.entries(json).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])))
}
