// The editor tabs with gateway pages, one for each pod.
import { AnalyzeGateway, type GatewayInspection, type PodRef } from '../../../../server/src/protocol.ts'
import type { Server } from '../../server.ts'
import { LivePages } from '../livePages.ts'
import { podAddress, podKey } from '../podAddress.ts'
import { gatewayCommands, gatewayLoadingPage, gatewayPage, gatewayProblemPage } from './page.ts'

export type GatewayPages = LivePages<PodRef, GatewayInspection>

export function gatewayPages(server: Server): GatewayPages {
  return new LivePages({
    viewType: 'istioSecurity.gateway',
    icon: 'globe',
    commands: gatewayCommands,
    address: podAddress('istio-security-gateway', '.gateway.txt'),
    keyOf: podKey,
    titleOf: ({ name }) => `Gateway: ${name}`,
    progressOf: ({ name }) => `Analyzing the gateway ${name}`,
    ask: (pod, token) => server.ask(client => client.sendRequest(AnalyzeGateway, pod, token)),
    loadingPage: gatewayLoadingPage,
    page: gatewayPage,
    problemPage: gatewayProblemPage,
  })
}
