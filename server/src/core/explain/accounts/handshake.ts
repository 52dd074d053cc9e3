// Connections that end before any policy is asked: plaintext to STRICT, certificates that are not accepted, no common language.

import { gatewayServersAt } from '../../decide/authorization/appProtocol.ts'
import { modeAt } from '../../decide/mtls/server.ts'
import type { PeerAuthentication } from '../../istio/resources.ts'
import type { NamedPolicy } from '../explanation.ts'
import type { Refusal } from '../refusal.ts'
import type { Scene } from '../scene.ts'
import type { TlsFailure } from '../tlsFailure.ts'
import { type Account, clientName, doubtsAbout, found, keyOf, ownerName, route, type Situation, serverName } from './account.ts'

export function plaintext({ policy }: Extract<Refusal, { kind: 'plaintext' }>, at: Situation): Account {
  const strict = strictBy(at)
  const written = policy && at.mesh.find('PeerAuthentication', policy.namespace, policy.name)
  const named: NamedPolicy | undefined = policy && {
    kind: 'PeerAuthentication',
    namespace: policy.namespace,
    name: policy.name,
    presence: at.mesh.presence('PeerAuthentication', policy.namespace, policy.name),
    ...(written ? { policy: written } : {}),
  }
  const by = named ?? (strict ? found(strict) : undefined)
  return {
    happened: `The connection${route(at)} is plaintext, and mTLS is STRICT there${by ? ` by PeerAuthentication ${keyOf(by)}` : ''}, so ztunnel closed it.`,
    policies: by ? [by] : [],
    means: [
      'For ztunnel istiod turns STRICT into a policy that denies every connection without an identity.',
      ...(named ? doubtsAbout(named) : []),
      ...whyPlaintext(at),
    ],
    repair: letIn(at),
  }
}

/** The PeerAuthentication that makes the port STRICT. */
function strictBy({ to, mesh }: Scene): PeerAuthentication | undefined {
  if (!to) return undefined
  const { mode, policy } = modeAt(mesh, to.workload, to.port)
  return mode === 'STRICT' ? policy : undefined
}

function whyPlaintext(at: Scene): readonly string[] {
  const { client } = at
  switch (client.proxy) {
    case 'none':
      return [`${clientName(at)} has no proxy, so it cannot speak mTLS.`]
    case 'sidecar':
    case 'gateway':
    case 'waypoint':
      return [
        `${clientName(at)} has a proxy, so this connection passed it by (an excluded port, an init container), or a DestinationRule turns TLS off.`,
      ]
    case 'ztunnel':
      return [
        `${clientName(at)} is in the ambient mesh, so this connection was not redirected to its ztunnel: the pod may be older than its enrolment.`,
      ]
    default:
      return client.ip === undefined
        ? []
        : [`Nothing known has the address ${client.ip}: a client outside of the mesh, or a probe of the node.`]
  }
}

function letIn(at: Scene): readonly string[] {
  const { client, server } = at
  const port = server.port === undefined ? 'the port' : `port ${server.port}`
  const permissive = `Set PERMISSIVE for ${port} of ${ownerName(server, serverName(at))} with portLevelMtls in a PeerAuthentication that selects it`
  if (client.proxy === 'sidecar' || client.proxy === 'gateway' || client.proxy === 'waypoint')
    return [
      'Look for a DestinationRule of the host with mode DISABLE or SIMPLE, and for excludeOutboundPorts on the client.',
      `${permissive} meanwhile.`,
    ]
  if (client.proxy === 'ztunnel') return ['Restart the client, so that its connections are redirected.', `${permissive} meanwhile.`]
  return [`Give ${ownerName(client, 'the client')} a proxy.`, `${permissive}, if it must stay without one.`]
}

export function noFilterChain(at: Situation): Account {
  if (at.refusedBy === 'gateway') return noServerOfGateway(at)
  const strict = strictBy(at)
  const mode = knownMode(at)
  const tls = at.told.sni !== undefined && at.told.sni !== ''
  const by = strict ? ` by PeerAuthentication ${keyOf(strict)}` : ''
  return {
    happened: strict
      ? `The proxy of ${serverName(at)} closed a ${tls ? 'TLS' : 'plaintext'} connection${route(at)}: the port is STRICT${by}.`
      : `No filter chain of the proxy takes the connection${route(at)}, so it was closed.`,
    policies: strict ? [found(strict)] : [],
    means: [
      ...(strict || mode ? [] : ['Most often plaintext reaches a port where mTLS is STRICT.']),
      ...(mode && !strict
        ? [
            `What is known now sets ${mode} there, so it is TLS without Istio's ALPN to a port declared as HTTP, or something changed since.`,
          ]
        : []),
      ...(tls ? ["The client speaks TLS of its own, not Istio's."] : whyPlaintext(at)),
    ],
    repair: tls
      ? ['Let the client send plaintext to its own proxy, which adds mTLS, or declare the port as TLS or TCP (name or appProtocol).']
      : letIn(at),
  }
}

/** Undefined where a PeerAuthentication that nobody has seen could decide. */
function knownMode({ to, mesh }: Scene): string | undefined {
  if (!to || ![to.workload.namespace, mesh.settings.rootNamespace].every(each => mesh.complete('PeerAuthentication', each)))
    return undefined
  return modeAt(mesh, to.workload, to.port).mode
}

function noServerOfGateway(at: Situation): Account {
  const { to, mesh, told } = at
  const hosts = to ? gatewayServersAt(to, mesh).flatMap(server => server.hosts.map(({ value }) => value.replace(/^[^/]*\//, ''))) : []
  const sni = told.sni === undefined || told.sni === '' ? undefined : told.sni
  return {
    happened: `No server of the gateway takes the connection${route(at)}${sni === undefined ? ', which names no host (SNI)' : ` for the host "${sni}"`}, so it was closed.`,
    means: [
      'On a port with TLS the SNI must be one of the hosts of a server, and plaintext finds none.',
      ...(hosts.length > 0 ? [`Servers of this port are for: ${[...new Set(hosts)].slice(0, 10).join(', ')}.`] : []),
    ],
    repair: [
      sni === undefined
        ? 'Let the client (or the load balancer before the gateway) send the host name as SNI, or speak TLS at all.'
        : `Add "${sni}" to the hosts of a server in the Gateway.`,
      'If the host is there, the certificate of that server may be missing: then the proxy leaves the server out.',
    ],
  }
}

interface TlsAccount {
  readonly means: string
  readonly repair: readonly string[]
}

/** What the side that writes the log saw. */
const tlsAccounts: Readonly<Record<TlsFailure['id'], TlsAccount>> = {
  name: {
    means: 'The certificate is of another identity or host than the one that is expected: "verify SAN list".',
    repair: [
      'Compare the service account of the pods that answer with subjectAltNames in the DestinationRule; without them istiod expects the accounts of the known endpoints.',
      'For a host outside of the mesh, set sni and subjectAltNames in the tls of its DestinationRule to the names in its certificate.',
    ],
  },
  expired: {
    means: 'The certificate of the other side has expired.',
    repair: [
      'Look at the certificates of both pods. If a workload certificate has expired, its proxy gets none from istiod: look in its log, then restart it.',
    ],
  },
  'not-yet-valid': {
    means: 'The certificate of the other side is not valid yet.',
    repair: ['Compare the clocks of the nodes and of the issuer.'],
  },
  untrusted: {
    means: 'The certificate of the other side ends at a root that this side does not trust.',
    repair: [
      'Compare the roots of both pods: after a change of the CA, restart the one with old roots. Between meshes both must trust both roots.',
      'For a host outside of the mesh, set caCertificates in the tls of its DestinationRule.',
    ],
  },
  revoked: {
    means: 'The certificate of the other side is on the revocation list.',
    repair: ['Issue another one, or take it off the list.'],
  },
  unverified: {
    means: 'This side does not accept the certificate of the other one; the line does not tell why.',
    repair: ['Compare identity, validity and root of both certificates; the debug log of the proxy (connection:debug) names the reason.'],
  },
  'trust-domain': {
    means: 'The identity of the other side is of a trust domain that this one does not accept.',
    repair: ['Add the trust domain to trustDomainAliases of MeshConfig; ztunnel accepts its own trust domain only.'],
  },
  'peer-untrusting': {
    means: 'The other side does not trust the root of the certificate that this side showed.',
    repair: ['Compare the roots of both pods: after a change of the CA, restart the one with old roots.'],
  },
  'peer-expired': {
    means: 'The other side found the certificate of this side expired.',
    repair: ['Look at the certificate of this pod: its proxy gets none from istiod. Look in its log, then restart it.'],
  },
  'peer-revoked': {
    means: 'The other side found the certificate of this side revoked.',
    repair: ['Issue another one, or take it off the list.'],
  },
  'peer-refuses': {
    means: 'The other side does not accept the certificate that this side showed.',
    repair: [
      'Look at identity, trust domain, validity and root of the certificate of this side; the log of the other side names the reason.',
    ],
  },
  'certificate-required': {
    means: 'A client certificate is asked for, and none was shown.',
    repair: ['Use ISTIO_MUTUAL (or MUTUAL with files) in the DestinationRule instead of SIMPLE, or remove the rule: auto mTLS shows one.'],
  },
  'not-tls': {
    means: 'One side speaks TLS, the other plaintext.',
    repair: [
      'If the server has no proxy or mTLS is DISABLE there, remove ISTIO_MUTUAL or SIMPLE from the DestinationRule of its host, or set DISABLE.',
      'If the application speaks plaintext on a port named https or tls, correct the name or appProtocol of the Service port.',
    ],
  },
  'server-name': {
    means: 'The server serves no such host.',
    repair: ['Set sni in the tls of the DestinationRule to a host that the server has.'],
  },
  'no-common-parameters': {
    means: 'Both sides have no TLS version, cipher suite or signature algorithm in common.',
    repair: ['Compare minProtocolVersion, cipherSuites and the kind of key on both sides.'],
  },
  'no-secret': {
    means: 'The proxy has no certificate or root yet: it was not delivered over SDS.',
    repair: [
      'For a gateway or DestinationRule with credentialName, check that the Secret exists in its namespace and holds key and certificate.',
      "For a workload, look in the log of its proxy for errors of istiod's CA.",
    ],
  },
  reset: {
    means: 'The other side closed the connection during the handshake, without a word why.',
    repair: ['Look in the log of the other side: it may not speak TLS there, or refuse the certificate.'],
  },
  other: { means: 'The handshake failed.', repair: ['Look in the log of the other side for the same moment.'] },
}

export function tlsFailed({ failure }: Extract<Refusal, { kind: 'tls' }>, at: Situation): Account {
  const { means, repair } = tlsAccounts[failure.id]
  return { happened: `The TLS handshake${route(at)} failed: ${failure.text}.`, means: [means, ...withoutProxy(failure, at)], repair }
}

function withoutProxy({ id }: TlsFailure, at: Situation): readonly string[] {
  return id === 'not-tls' && at.server.proxy === 'none' ? [`${serverName(at)} has no proxy, so it does not speak Istio's mTLS.`] : []
}

export function closedByServer(at: Situation): Account {
  return {
    happened: `The connection${route(at)} was established, then closed by the other side before it answered.`,
    means: [
      'That is how plaintext to a STRICT port, and a TCP policy that denies, look from the client.',
      'An application that closes idle connections looks the same.',
    ],
    repair: [
      `Look in the log of the proxy of ${serverName(at)} for the same moment: filter_chain_not_found stands for plaintext to STRICT, rbac_access_denied for a policy. Paste that line.`,
    ],
  }
}

export function certificateRevoked(at: Situation): Account {
  return {
    happened: `ztunnel closed the connection${route(at)}, because the certificate of the other side is on the revocation list.`,
    means: ['Open connections are closed too when the list changes.'],
    repair: ['Issue another certificate, or take it off the list.'],
  }
}
