// What is meant or sent and not in force: three things that look alike from outside.
import type { CertificateEntry } from '../../certificate/report.ts'
import type { GatewayBackend, GatewayListener, Meant, Pending } from './gatewayReport.ts'

export interface PendingParts {
  readonly entries: readonly CertificateEntry[]
  readonly listeners: readonly GatewayListener[]
  readonly backends: readonly GatewayBackend[]
  readonly meant: Meant | null
}

export function pendingOf({ entries, listeners, backends, meant }: PendingParts): readonly Pending[] {
  return [...(meant ? ofMeant(meant) : []), ...listeners.flatMap(ofListener), ...backends.flatMap(ofCluster), ...entries.flatMap(ofSecret)]
}

function ofMeant({ servers, backends }: Meant): readonly Pending[] {
  return [
    ...servers.flatMap(({ object, port, hosts, state, detail }): readonly Pending[] =>
      state === 'missing' || state === 'different'
        ? [{ stage: 'meant', what: 'server', name: `${object}: ${[port, ...hosts].join(' ')}`, state, detail: detail ?? '', at: null }]
        : [],
    ),
    ...backends.flatMap(({ cluster, state, meant }): readonly Pending[] =>
      state === 'different' ? [{ stage: 'meant', what: 'cluster', name: cluster, state, detail: `${meant} is meant`, at: null }] : [],
    ),
  ]
}

function ofListener({ name, at, state, refused, warming, lastUpdated }: GatewayListener): readonly Pending[] {
  const common = { stage: 'sent', what: 'listener', name: name || at, at: lastUpdated } as const
  if (refused !== null) return [{ ...common, state: 'refused', detail: refused }]
  if (!warming && state !== 'warming') return []
  const detail =
    state === 'warming'
      ? 'it takes no connection before it has all that it needs'
      : 'until the newer configuration has all that it needs, the older one is in force'
  return [{ ...common, state: 'warming', detail }]
}

function ofCluster({ cluster, refused, state, lastUpdated }: GatewayBackend): readonly Pending[] {
  const common = { stage: 'sent', what: 'cluster', name: cluster, at: lastUpdated } as const
  if (refused !== null) return [{ ...common, state: 'refused', detail: refused }]
  return state === 'warming' ? [{ ...common, state, detail: 'it carries no request before it has its endpoints and secrets' }] : []
}

function ofSecret({ name, state, file, lastUpdated }: CertificateEntry): readonly Pending[] {
  if (state === 'active' || file !== undefined) return []
  const detail = state === 'warming' ? 'the proxy asked for it and has no answer that it could use' : 'the proxy has it without content'
  return [{ stage: 'sent', what: 'secret', name, state, detail, at: lastUpdated ?? null }]
}
