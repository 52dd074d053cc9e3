// Show Log: what the extension and its language server did.
import type { Handler } from '../app.ts'

export const showLog: Handler = ({ server }) => server.log.show()
