// The editor tabs with connection pages, one for each question.
import { CheckConnection, type ConnectionInspection, type ConnectionQuestion } from '../../../../server/src/protocol.ts'
import type { Server } from '../../server.ts'
import { LivePages } from '../livePages.ts'
import { connectionAddress } from './address.ts'
import { connectionCommands, connectionLoadingPage, connectionPage, connectionProblemPage } from './page.ts'

export type ConnectionPages = LivePages<ConnectionQuestion, ConnectionInspection>

export function connectionPages(server: Server): ConnectionPages {
  return new LivePages({
    viewType: 'istioSecurity.connection',
    icon: 'arrow-swap',
    commands: connectionCommands,
    address: connectionAddress,
    keyOf: ({ from, to, port }) => JSON.stringify([from.context, from.namespace, from.name, to.namespace, to.name, port]),
    titleOf: ({ from, to }) => `Connection: ${from.name} → ${to.name}`,
    progressOf: ({ from, to }) => `Checking ${from.name} → ${to.name}`,
    ask: (question, token) => server.ask(client => client.sendRequest(CheckConnection, question, token)),
    loadingPage: connectionLoadingPage,
    page: connectionPage,
    problemPage: connectionProblemPage,
  })
}
