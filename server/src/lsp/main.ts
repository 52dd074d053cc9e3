// Entry of the bundle dist/server.mjs: the language server over whatever the client chose (IPC of VS Code, or --stdio).
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node'
import { startServer } from './server.ts'

const connection = createConnection(ProposedFeatures.all)
// What no handler caught would end the process, and with it every other answer.
process.on('unhandledRejection', error => connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error)))
startServer(connection)
