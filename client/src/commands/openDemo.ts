// Open Demo Mesh: see everything work without a cluster.
import { ProgressLocation, window } from 'vscode'
import type { Handler } from '../app.ts'

export const openDemo: Handler = async ({ server, demo }) => {
  await window.withProgress({ location: ProgressLocation.Notification, title: 'Starting the demo mesh' }, async () => {
    const started = await demo.start()
    if (started.ok) {
      await server.useContext({ context: 'demo', kubeconfig: started.kubeconfig })
      return
    }
    void window.showErrorMessage(`The demo mesh did not start: ${started.detail}.`, 'Show Log').then(choice => choice && server.log.show())
  })
}
