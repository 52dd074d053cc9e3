// What is no verdict of a policy of this proxy: the answer came from elsewhere, or nobody could be reached.
import type { Refusal } from '../refusal.ts'
import { type Account, callIn, clientName, ownerName, partyName, route, type Situation, serverName } from './account.ts'

export function refusedBehind({ status }: Extract<Refusal, { kind: 'refused-behind' }>, at: Situation): Account {
  const atServer = at.told.direction === 'inbound'
  return {
    happened: atServer
      ? `The application of ${serverName(at)} itself answered ${status} to ${callIn(at)}${route(at)}; no policy refused it.`
      : `${callIn(at)}${route(at)} was answered with ${status} behind this proxy.`.replace(/^the/, 'The'),
    means: [
      atServer
        ? '"via_upstream" at the proxy of the server means that the request was let in.'
        : '"via_upstream" means that this proxy only passed the answer on.',
    ],
    repair: atServer
      ? ['Look in the log of the application.']
      : [
          `Look in the access log of the proxy of ${serverName(at)} for the same request${requestId(at)}: its response_code_details tells who answered.`,
        ],
  }
}

function requestId({ told: { requestId: id } }: Situation): string {
  return id === undefined ? '' : ` (x-request-id ${id})`
}

export function unreachable({ cause }: Extract<Refusal, { kind: 'unreachable' }>, at: Situation): Account {
  return {
    happened: `Nothing was refused here: the connection${route(at)} failed${cause === undefined ? '' : ` (${cause})`}.`,
    means: [
      /refused/i.test(cause ?? '')
        ? 'Nothing listens on that port.'
        : 'The other side did not answer, or closed the connection at once; a refusal by ztunnel looks the same to the client.',
      ...(at.told.direction === 'inbound' ? ['It is the proxy of the server that does not reach its own application.'] : []),
    ],
    repair: [
      'Check that the pod is ready and its container listens on the targetPort of the Service.',
      ...(at.told.direction === 'inbound' ? [] : ['If it does, check NetworkPolicies between both, and what mTLS both sides expect.']),
    ],
  }
}

export function notHttp(at: Situation): Account {
  return {
    happened: `What arrived${route(at)} is not the HTTP that the port is declared to speak.`,
    means: ['The client speaks TLS, another protocol, or another version of HTTP than the port of the Service declares.'],
    repair: ['Correct the name or appProtocol of the Service port (http, http2, grpc, https, tcp), or what the client sends.'],
  }
}

export function noRoute(at: Situation): Account {
  return {
    happened: `No policy refused ${callIn(at)}: the proxy has no route for ${at.told.host === undefined ? 'it' : `the host "${at.told.host}"`}.`,
    means: [
      'The host or path is in no VirtualService, HTTPRoute or Service that this proxy knows, or the cluster of the route does not exist.',
    ],
    repair: [
      'Compare host and path with the hosts of the Gateway and the routes; a Sidecar or exportTo can hide a service from this client.',
      'A subset without DestinationRule gives the same.',
    ],
  }
}

export function noEndpoint(at: Situation): Account {
  return {
    happened: `No policy refused ${callIn(at)}: there is no healthy endpoint of ${at.server.host ?? serverName(at, 'the service')}.`,
    means: ['No pod is ready, none has the labels of the subset, or outlier detection took them out.'],
    repair: ['Check the pods behind the Service, the labels of the subset, and outlierDetection.'],
  }
}

export function egressBlocked(at: Situation): Account {
  return {
    happened: `The proxy of ${clientName(at)} does not let ${callIn(at)} out${partyName(at.server) === undefined ? '' : ` to ${partyName(at.server)}`}: nothing in the mesh is known by that name or address.`,
    means: ['outboundTrafficPolicy is REGISTRY_ONLY, so only hosts of Services and ServiceEntries may be called.'],
    repair: ['If it is meant to pass, add a ServiceEntry for the host, visible to the client (exportTo, Sidecar).'],
  }
}

export function tunnelRefused({ status }: Extract<Refusal, { kind: 'tunnel-refused' }>, at: Situation): Account {
  return {
    happened: `The other side refused the tunnel${route(at)} with ${status}.`,
    means: [tunnelMeanings[status] ?? 'The proxy of the server did not take the connection.'],
    repair: [
      status === 401 || status === 403
        ? `Look in the log of the ztunnel on the node of ${serverName(at)}: the line with direction="inbound" for the same moment names the policy. Paste it.`
        : `Look in the log of the ztunnel on the node of ${serverName(at)} for the same moment.`,
    ],
  }
}

/** Source: istio/ztunnel:src/proxy/inbound.rs (build_inbound_request, serve_connect). */
const tunnelMeanings: Readonly<Partial<Record<number, string>>> = {
  400: 'The address that was asked for is not one of the workload that answered: what the client knows of it is out of date.',
  401: 'ztunnel of the server answers so when a policy refuses the connection.',
  403: 'A waypoint answers so when a policy refuses the connection.',
  503: 'No policy refused it: the proxy of the server does not reach the application.',
}

export function tunnelBlocked(at: Situation): Account {
  return {
    happened: `No policy of Istio refused it: the connection${route(at)} was not answered in time.`,
    means: ['In the ambient mesh everything travels through port 15008 (HBONE), which a NetworkPolicy may block.'],
    repair: [
      `Allow TCP port 15008 to ${ownerName(at.server, 'the server')} in its NetworkPolicies; if it is open, look whether the ztunnel of that node runs.`,
    ],
  }
}

export function noIdentity({ cause }: Extract<Refusal, { kind: 'no-identity' }>, at: Situation): Account {
  return {
    happened: `ztunnel has no certificate for the workload, so the connection${route(at)} ended: ${cause}.`,
    means: ['Without a certificate of istiod there is no mTLS.'],
    repair: ['Look in the logs of ztunnel and istiod for why the certificate is not signed, and check that the service account exists.'],
  }
}

export function unknownWorkload({ cause }: Extract<Refusal, { kind: 'unknown-workload' }>, at: Situation): Account {
  return {
    happened: `ztunnel does not know the workload of the connection${route(at)}: ${cause}.`,
    means: ['What istiod has told it is older than the pod, or the address belongs to another pod meanwhile.'],
    repair: [
      'See whether ztunnel is in step with istiod: istioctl ztunnel-config workloads lists what it knows. If it lasts, restart that ztunnel.',
    ],
  }
}

export function connectionReset(at: Situation): Account {
  return {
    happened: `The connection${route(at)} was reset or closed without an answer; the text does not tell by whom.`,
    means: ['In a mesh that is how plaintext to a STRICT port, a TCP policy and a refusal of ztunnel look from the client.'],
    repair: [
      'Look in the log of the proxy of the server: filter_chain_not_found stands for plaintext to STRICT, rbac_access_denied for a policy; in the ambient mesh look in ztunnel for "policy rejection". Paste that line.',
    ],
  }
}

export function clientGone(at: Situation): Account {
  return {
    happened: `Nothing was refused: the client closed ${callIn(at) === 'the connection' ? 'it' : 'the connection'}${route(at)} before the answer.`,
    means: ['A timeout of the client, or a user who went on.'],
    repair: ['If it happens often, compare the timeout of the client with how long the server takes.'],
  }
}
