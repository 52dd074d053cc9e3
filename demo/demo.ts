// Starts the embedded mesh: used by the demo program, and by tests directly.
import { randomBytes } from 'node:crypto'
import { narrowRules, viewerRules } from './api/access.ts'
import { Faults } from './api/faults.ts'
import { ApiServer, type SeenRequest } from './api/server.ts'
import { createApiServerCertificate } from './certificates/authority.ts'
import { liveCommand } from './commands.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { World } from './world.ts'

export interface DemoOptions {
  /** 0 or absent: any free port. */
  readonly port?: number
  /** How often an idle watch gets a bookmark; a real API server takes about a minute. */
  readonly bookmarkSeconds?: number
}

export interface Demo {
  /** `https://127.0.0.1:NNNN` */
  readonly server: string
  /** PEM of the authority behind the server's certificate. */
  readonly ca: string
  /** `viewer` reads all but Secrets and reaches proxies; `narrow` may not list pods in billing and reaches none; `control` runs live commands. */
  readonly tokens: { readonly viewer: string; readonly narrow: string; readonly control: string }
  /** The cluster; change it and watchers see it. */
  readonly world: World
  readonly faults: Faults
  /** Every API request so far, refused ones included. */
  readonly requests: readonly SeenRequest[]
  /** YAML with the contexts `demo` (viewer) and `demo-narrow`. */
  kubeconfig(): string
  /** Breaks the open watches, of one plural or all; answers how many. */
  cutWatches(resource?: string): number
  close(): Promise<void>
}

/** Rejects where the port is taken. */
export async function startDemo({ port = 0, bookmarkSeconds = 60 }: DemoOptions = {}): Promise<Demo> {
  const now = new Date()
  const [world, { ca, certificate, key }] = await Promise.all([World.create(now), createApiServerCertificate(now)])
  const tokens = { viewer: newToken(), narrow: newToken(), control: newToken() }
  const faults = new Faults()
  const api = new ApiServer({
    world,
    faults,
    bookmarkSeconds,
    users: [
      { name: 'demo-viewer', token: tokens.viewer, rules: viewerRules },
      { name: 'demo-narrow', token: tokens.narrow, rules: narrowRules },
    ],
    tls: { certificate, key },
    control: { token: tokens.control, run: async command => liveCommand(command)?.run(world) },
  })
  const server = `https://127.0.0.1:${await api.listen(port)}`

  return {
    server,
    ca,
    tokens,
    world,
    faults,
    requests: api.requests,
    kubeconfig: () => kubeconfigText({ server, ca, tokens }),
    cutWatches: resource => api.cutWatches(resource),
    async close() {
      world.close()
      await api.close()
    },
  }
}

const newToken = (): string => randomBytes(24).toString('base64url')
