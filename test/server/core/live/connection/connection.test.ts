// Recorded proxies, as they were and with one thing changed: the first step that fails is the one that was broken.
import { describe, expect, test } from 'vitest'
import { checkConnection } from '../../../../../server/src/core/live/connection/connection.ts'
import { endOf, podOf, readLive } from '../../../../../server/src/core/live/connection/ends.ts'
import type { Meant } from '../../../../../server/src/core/live/connection/meant.ts'
import type { End } from '../../../../../server/src/core/live/connection/question.ts'
import { type ConnectionReport, type StepId, stepIds } from '../../../../../server/src/core/live/connection/step.ts'
import type { Json, JsonObject } from '../../../../../server/src/core/proxy/json.ts'
import { changed, dump, withListeners } from '../../proxy/dumps.ts'

const now = '2026-11-21T09:00:00Z'
const frontend = dump('intermediate-ca/frontend-sidecar')
const checkout = dump('intermediate-ca/checkout-sidecar')

interface Asked {
  readonly from?: JsonObject
  readonly to?: JsonObject
  readonly port?: number
  readonly now?: string
  readonly meant?: Meant
  /** In the place of what the dump says. */
  readonly ends?: { readonly from?: Partial<End>; readonly to?: Partial<End> }
}

function ask({ from = frontend, to = checkout, port = 9080, now: at = now, meant, ends }: Asked): ConnectionReport {
  return checkConnection({
    from: { ...end(from, at), ...ends?.from },
    to: { ...end(to, at), ...ends?.to },
    port,
    now: at,
    ...(meant ? { meant } : {}),
  })
}

function end(document: JsonObject, at: string): End {
  const live = readLive(JSON.stringify(document), at)
  if (!live) throw new Error('no dump')
  return endOf(live, podOf(live) ?? { namespace: 'shop', name: 'unnamed' })
}

const clusterTls = (object: Record<string, Json>) => 'cluster' in object && JSON.stringify(object).includes('"outbound|')

/** The client's clusters without their TLS. */
const plaintextClient = changed(frontend, object => {
  if (clusterTls(object)) {
    delete (object.cluster as Record<string, Json>).transport_socket
    delete (object.cluster as Record<string, Json>).transport_socket_matches
  }
})
const simpleClient = changed(frontend, object => {
  if ('sni' in object) delete (object.common_tls_context as Record<string, Json>).tls_certificate_sds_secret_configs
})
const wrongName = changed(frontend, object => {
  if ('sni' in object)
    object.common_tls_context = JSON.parse(
      JSON.stringify(object.common_tls_context).replaceAll(
        'spiffe://cluster.local/ns/shop/sa/checkout',
        'spiffe://cluster.local/ns/shop/sa/other',
      ),
    )
})
const strangers = changed(checkout, object => {
  if (object.prefix === 'spiffe://cluster.local/') object.prefix = 'spiffe://elsewhere.example/'
})
const waiting = (document: JsonObject) =>
  changed(document, object => {
    if (!Array.isArray(object.dynamic_active_secrets)) return
    object.dynamic_warming_secrets = object.dynamic_active_secrets.map(each => ({
      name: (each as JsonObject).name ?? '',
      version_info: 'uninitialized',
    }))
    delete object.dynamic_active_secrets
  })
/** The roots of one mesh, the certificate of another. */
const otherRoots = changed(frontend, object => {
  if (object.name !== 'ROOTCA' || !('validation_context' in object)) return
  const other =
    [...JSON.stringify(dump('self-signed-ca/frontend-sidecar')).matchAll(/"trusted_ca":\{"inline_bytes":"([^"]+)"/g)][0]?.[1] ?? ''
  object.validation_context = { trusted_ca: { inline_bytes: other } }
})
const variant = (name: string) => withListeners(checkout, dump(`policy-variants/${name}`))

const ztunnel = (protocol: string, policies: readonly string[] = []): JsonObject => ({
  workloads: [
    {
      namespace: 'shop',
      name: 'checkout-1',
      workloadIps: ['127.1.0.11'],
      protocol,
      serviceAccount: 'checkout',
      trustDomain: 'cluster.local',
      authorizationPolicies: policies,
    },
    {
      namespace: 'shop',
      name: 'frontend-1',
      workloadIps: ['127.1.0.10'],
      protocol: 'HBONE',
      serviceAccount: 'frontend',
      trustDomain: 'cluster.local',
    },
  ],
  certificates: [],
})

const cases: readonly (Asked & { readonly name: string; readonly verdict: ConnectionReport['verdict']; readonly step: StepId | null })[] = [
  { name: 'two sidecars of one mesh', verdict: 'ok', step: null },
  { name: 'a TCP port whose DENY rule refuses the caller', port: 9090, verdict: 'fails', step: 'authorization' },
  { name: 'to a port that takes both', to: variant('permissive'), verdict: 'ok', step: null },
  {
    name: 'in the clear to a port that takes both',
    from: plaintextClient,
    to: variant('permissive'),
    verdict: 'fails',
    step: 'authorization',
  },
  { name: 'in the clear to STRICT', from: plaintextClient, verdict: 'fails', step: 'client-tls' },
  { name: 'mTLS to a server that turned it off', to: variant('disable'), verdict: 'fails', step: 'client-tls' },
  { name: 'mTLS to a port that turned it off', to: variant('port-level-disable-9080'), verdict: 'fails', step: 'client-tls' },
  { name: 'TLS without a certificate', from: simpleClient, verdict: 'fails', step: 'client-tls' },
  { name: 'a client whose certificate has not come', from: waiting(frontend), verdict: 'fails', step: 'enrolment' },
  { name: 'a server whose certificate has not come', to: waiting(checkout), verdict: 'fails', step: 'enrolment' },
  { name: 'a proxy that never started', from: dump('intermediate-ca/workload-cert-not-arrived'), verdict: 'fails', step: 'enrolment' },
  { name: 'a server with another CA', to: dump('self-signed-ca/checkout-sidecar'), verdict: 'fails', step: 'server-chain' },
  { name: 'a client with old roots', from: otherRoots, verdict: 'fails', step: 'server-chain' },
  {
    name: 'a client with another CA',
    from: changed(dump('self-signed-ca/frontend-sidecar'), trustBoth),
    verdict: 'fails',
    step: 'client-chain',
  },
  { name: 'a demanded name that the server does not have', from: wrongName, verdict: 'fails', step: 'identity' },
  { name: 'a server that lets in another trust domain only', to: strangers, verdict: 'fails', step: 'identity' },
  { name: 'after everything expired', now: '2026-11-23T09:00:00Z', verdict: 'fails', step: 'validity' },
  { name: 'before anything was issued', now: '2026-11-01T09:00:00Z', verdict: 'fails', step: 'validity' },
  {
    name: 'a client certificate of 70 seconds, in its time',
    from: dump('other-trust-domain/frontend-sidecar-short-lived'),
    to: dump('other-trust-domain/checkout-sidecar'),
    now: '2026-11-21T08:13:00Z',
    verdict: 'ok',
    step: null,
  },
  {
    name: 'the same after its time',
    from: dump('other-trust-domain/expired-client-certificate'),
    to: dump('other-trust-domain/checkout-sidecar'),
    now: '2026-11-21T08:20:00Z',
    verdict: 'fails',
    step: 'validity',
  },
  { name: 'a client without a proxy to STRICT', ends: { from: { proxy: 'none' } }, verdict: 'fails', step: 'enrolment' },
  { name: 'mTLS to a server without a proxy', ends: { to: { proxy: 'none' } }, verdict: 'fails', step: 'enrolment' },
  {
    name: 'a listener that is not yet STRICT',
    to: variant('permissive'),
    meant: { server: { mode: 'STRICT', policy: 'shop/default' } },
    verdict: 'fails',
    step: 'server-mode',
  },
  {
    name: 'a client that has not yet heard of ISTIO_MUTUAL',
    from: plaintextClient,
    to: variant('permissive'),
    meant: { client: { tls: 'ISTIO_MUTUAL', reason: 'auto mTLS.' } },
    verdict: 'fails',
    step: 'client-tls',
  },
  {
    name: 'a client that sends mTLS which no rule asks for, and the server answers',
    meant: { client: { tls: 'DISABLE', reason: 'Auto mTLS sends plaintext.', auto: true } },
    verdict: 'ok',
    step: null,
  },
  {
    name: 'a client that has not yet heard of DISABLE',
    meant: { client: { tls: 'DISABLE', reason: 'DestinationRule "shop/checkout" says so.', auto: false } },
    verdict: 'fails',
    step: 'client-tls',
  },
  {
    name: 'policies that refuse and are not yet enforced',
    to: variant('strict-only'),
    meant: { authorization: () => ({ decision: 'deny', reason: 'No rule matches.', by: [], when: [] }) },
    verdict: 'fails',
    step: 'authorization',
  },
]

const recordedHost = { host: 'checkout.shop.svc.cluster.local', port: 9080 }

describe('what lies between what is meant and what is there', () => {
  const failing = (asked: Asked) => {
    const { failedStep, steps } = ask(asked)
    return {
      failedStep,
      detail: steps.find(({ state }) => state === 'failed')?.detail,
      evidence: steps.flatMap(({ evidence }) => evidence),
    }
  }
  const inListeners = (document: JsonObject, change: (listener: Record<string, Json>) => void) =>
    changed(document, object => {
      if ('active_state' in object) change(object)
    })

  test('a listener that the proxy refused is named as not in force', () => {
    const refusing = inListeners(variant('permissive'), listener => {
      listener.error_state = { details: 'invalid jwks', last_update_attempt: now }
    })
    expect(failing({ to: refusing, meant: { server: { mode: 'STRICT', policy: 'shop/default' } } })).toMatchObject({
      failedStep: 'server-mode',
      detail: 'Port 9080 is PERMISSIVE, but policy says STRICT (PeerAuthentication shop/default).',
      evidence: expect.arrayContaining(['the proxy refused its newest configuration and keeps the one before: invalid jwks']),
    })
  })

  test('a listener that is warming is named as not yet in force', () => {
    const warming = inListeners(variant('permissive'), listener => {
      listener.warming_state = listener.active_state as Json
    })
    expect(failing({ to: warming, meant: { server: { mode: 'STRICT' } } })).toMatchObject({
      failedStep: 'server-mode',
      evidence: expect.arrayContaining(['a newer configuration of the listener is still warming']),
    })
  })

  test('a cluster that the proxy refused is named', () => {
    const refusing = changed(frontend, object => {
      if (clusterTls(object)) object.error_state = { details: 'no such secret' }
    })
    expect(ask({ from: refusing }).steps[1]?.evidence).toContain('the proxy refused a newer configuration of it: no such secret')
  })

  test('a cluster that is warming carries nothing yet', () => {
    const warming = changed(frontend, object => {
      if (!Array.isArray(object.dynamic_active_clusters)) return
      object.dynamic_warming_clusters = object.dynamic_active_clusters
      delete object.dynamic_active_clusters
    })
    expect(ask({ from: warming, meant: { hosts: [recordedHost] } }).steps[1]).toMatchObject({
      state: 'unknown',
      detail: expect.stringMatching(/^The cluster "outbound\|9080\|\|checkout.*" of the client's proxy is still warming/),
    })
  })

  test('a port that an annotation leads past the sidecar of the server answers no mutual TLS', () => {
    expect(failing({ meant: { bypassed: { from: false, to: true } } })).toMatchObject({
      failedStep: 'enrolment',
      detail: expect.stringContaining('past its sidecar'),
    })
    expect(ask({ from: plaintextClient, meant: { bypassed: { from: false, to: true } } }).verdict).toBe('ok')
  })

  test('a port that an annotation leads past the sidecar of the client is plaintext', () => {
    expect(failing({ meant: { bypassed: { from: true, to: false } } })).toMatchObject({
      failedStep: 'client-tls',
      detail: expect.stringContaining('excludeOutboundPorts'),
    })
    expect(ask({ to: variant('permissive'), meant: { bypassed: { from: true, to: false } } }).failedStep).not.toBe('client-tls')
  })

  test('a pod does not shake hands with itself', () => {
    const report = ask({ to: frontend })
    expect(report).toMatchObject({ verdict: 'ok', failedStep: null })
    expect(report.steps.map(({ state }) => state)).toEqual(['ok', ...Array.from({ length: 7 }, () => 'skipped')])
  })

  test('a pod that is not read is unknown, and no step is held against it', () => {
    const { verdict, steps } = ask({ ends: { to: { live: undefined as never, silent: 'The pod does not run yet: it is Pending.' } } })
    expect(verdict).toBe('unknown')
    expect(steps[0]?.detail).toBe("What the server's proxy has is not known: The pod does not run yet: it is Pending.")
    expect(steps.find(({ id }) => id === 'server-mode')?.state).toBe('unknown')
  })

  test('with bundles of several trust domains, that of the peer counts', () => {
    const federated = (trustDomain: string) =>
      changed(frontend, object => {
        if (object.name !== 'ROOTCA' || !('validation_context' in object)) return
        const { trusted_ca } = object.validation_context as { trusted_ca: Json }
        object.validation_context = {
          custom_validator_config: {
            name: 'envoy.tls.cert_validator.spiffe',
            typed_config: { trust_domains: [{ name: trustDomain, trust_bundle: trusted_ca }] },
          },
        }
      })
    const chain = (from: JsonObject) => ask({ from }).steps.find(({ id }) => id === 'server-chain')?.state
    expect(chain(federated('cluster.local'))).toBe('ok')
    expect(chain(federated('elsewhere.example'))).not.toBe('ok')
  })
})

/** Old and new roots side by side, as in a rotation. */
function trustBoth(object: Record<string, Json>): void {
  if (object.name !== 'ROOTCA' || !('validation_context' in object)) return
  const trusted = (document: JsonObject) =>
    Buffer.from([...JSON.stringify(document).matchAll(/"trusted_ca":\{"inline_bytes":"([^"]+)"/g)][0]?.[1] ?? '', 'base64').toString('utf8')
  const both = `${trusted(dump('self-signed-ca/frontend-sidecar'))}\n${trusted(frontend)}`
  object.validation_context = { trusted_ca: { inline_bytes: Buffer.from(both).toString('base64') } }
}

describe('between recorded proxies', () => {
  test.each(cases)('$name: $step', ({ verdict, step, ...asked }) => {
    const report = ask(asked)
    expect({
      verdict: report.verdict,
      step: report.failedStep,
      why: report.steps.find(({ state }) => state === 'failed')?.detail,
    }).toMatchObject({ verdict, step })
    expect(report.steps.map(({ id }) => id)).toEqual(stepIds)
    for (const each of report.steps) {
      expect(each.detail).toMatch(/^\S.*\.$/s)
      expect(each.remedy === undefined).toBe(each.state === 'ok' || each.state === 'skipped')
    }
    if (step)
      expect(report.steps.slice(stepIds.indexOf(step) + 1).map(({ state }) => state)).toEqual(
        stepIds.slice(stepIds.indexOf(step) + 1).map(() => 'skipped'),
      )
  })
})

test('a plaintext call that is taken has no handshake', () => {
  const { steps } = ask({ from: plaintextClient, to: variant('permissive') })
  const skipped = steps.filter(({ state }) => state === 'skipped').map(({ id }) => id)
  expect(skipped).toEqual(['server-chain', 'client-chain', 'identity', 'validity'])
})

describe('between ztunnels', () => {
  const silent = { entries: [], problems: [], version: 1, source: 'ztunnel' } as const
  const ask2 = (client: JsonObject, server: JsonObject) =>
    checkConnection({ from: ambient(client, 'frontend-1'), to: ambient(server, 'checkout-1'), port: 8080, now })
  const ambient = (document: JsonObject, name: string) => {
    const live = readLive(JSON.stringify(document), now)
    if (!live?.ztunnel) throw new Error('no dump')
    return endOf({ ztunnel: live.ztunnel, certificates: silent }, { namespace: 'shop', name })
  }

  test('HBONE is sent to who takes it, plaintext to who does not', () => {
    const sent = (protocol: string) => ask2(ztunnel(protocol), ztunnel(protocol)).steps.find(({ id }) => id === 'client-tls')?.detail
    expect(sent('HBONE')).toContain('Istio mTLS')
    expect(sent('TCP')).toContain('plaintext')
  })

  test('plaintext to a workload under STRICT fails at what the client sends', () => {
    const report = ask2(ztunnel('TCP'), ztunnel('HBONE', ['istio-system/istio_converted_static_strict']))
    expect(report.failedStep).toBe('client-tls')
  })
})

describe('through HBONE', () => {
  const tunnel = 'type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport'
  /** The client's clusters with a tunnel for endpoints in ambient; `endpoint` is that of the server. */
  const tunnelling = (tls: boolean) =>
    changed(frontend, object => {
      if (clusterTls(object) && typeof object.cluster === 'object') {
        const cluster = object.cluster as Record<string, Json>
        cluster.transport_socket_matches = [
          { name: 'hbone', match: {}, transport_socket: { name: 'internal', typed_config: { '@type': tunnel } } },
        ]
      }
      if (Array.isArray(object.dynamic_active_clusters) && tls) {
        object.dynamic_active_clusters = [
          ...object.dynamic_active_clusters,
          { cluster: { name: 'connect_originate', transport_socket: originate } },
        ]
      }
    })
  const originate: Json = {
    name: 'tls',
    typed_config: {
      common_tls_context: {
        alpn_protocols: ['h2'],
        tls_certificate_sds_secret_configs: [{ name: 'default' }],
        combined_validation_context: { default_validation_context: {}, validation_context_sds_secret_config: { name: 'ROOTCA' } },
      },
    },
  }
  const sent = (tls: boolean) => ask({ from: tunnelling(tls) }).steps.find(({ id }) => id === 'client-tls')

  test('the TLS is that of the tunnel', () => {
    expect(sent(true)).toMatchObject({ state: 'ok', detail: 'The client sends Istio mTLS.' })
    expect(sent(true)?.evidence).toContain('through the cluster connect_originate (HBONE)')
  })

  test('a tunnel whose TLS is not told is not plaintext', () => {
    expect(sent(false)).toMatchObject({ state: 'unknown' })
  })

  test('a sidecar answers it whatever mode the port has, and enforces policies behind it', () => {
    const live = readLive(JSON.stringify(ztunnel('HBONE')), now)
    if (!live) throw new Error('no dump')
    const terminating = JSON.parse(JSON.stringify(checkout).replaceAll('"virtualInbound"', '"connect_terminate"')) as JsonObject
    const authorization = () => ({ decision: 'deny' as const, reason: 'No rule matches.', by: [], when: [] })
    const { steps } = checkConnection({
      from: endOf(live, { namespace: 'shop', name: 'frontend-1' }),
      to: end(terminating, now),
      port: 9080,
      now,
      meant: { server: { mode: 'DISABLE', policy: 'shop/default' }, authorization },
    })
    const step = (wanted: StepId) => steps.find(({ id }) => id === wanted)
    expect(step('client-tls')).toMatchObject({ state: 'ok', detail: 'The client sends Istio mTLS.' })
    expect(step('server-mode')).toMatchObject({ state: 'ok', detail: 'Port 9080 answers mutual TLS (HBONE).' })
    expect(step('authorization')?.detail).toContain('Policies refuse the client at port 9080: No rule matches.')
  })
})

describe('by the answers of real requests', () => {
  const variants = [
    'deny-tcp-port-9090',
    'disable',
    'permissive',
    'port-level-disable-9080',
    'request-authentication',
    'request-authentication-empty-jwks-nack',
    'strict-only',
  ]

  test.each(variants)('%s: what certainly fails was refused, and what was answered can work', name => {
    const { responses } = dump(`policy-variants/${name}/observed`) as { responses: Record<string, string> }
    const answers = (caller: string) => Object.entries(responses).flatMap(([asked, status]) => (asked.startsWith(caller) ? [status] : []))
    const mutual = ask({ to: variant(name) })
    const plain = ask({ from: plaintextClient, to: variant(name) })
    if (mutual.verdict === 'fails') expect(answers('mtls frontend')).not.toContain('200')
    if (plain.verdict === 'fails') expect(answers('plaintext')).not.toContain('200')
    if (answers('mtls frontend').includes('200')) expect(mutual.verdict).toBe('ok')
    if (answers('plaintext').includes('200')) expect(plain.verdict).toBe('ok')
  })
})
