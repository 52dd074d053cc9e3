// Entry of the bundle dist/server.mjs: the language server over whatever the client chose (IPC of VS Code, or --stdio).
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node'
import { startServer } from './server.ts'

startServer(createConnection(ProposedFeatures.all))
