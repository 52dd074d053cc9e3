// Restart Language Server: the way out when it stopped.
import type { Handler } from '../app.ts'

export const restartServer: Handler = ({ server }) => server.restart()
