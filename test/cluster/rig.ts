// A Kubernetes API server with Istio's definitions, a fake kubelet and two real Envoys on 127.0.0.0/8: what the product meets in a cluster,
// without containers. Needs Linux, where every address of 127.0.0.0/8 answers, so each pod has one of its own.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiAnswer } from './apiClient.ts'
import { ApiServer } from './apiServer.ts'
import { type Binaries, ensureBinaries, missingTools } from './binaries.ts'
import { Envoy } from './envoy.ts'
import { Keys, pem } from './keys.ts'
import { startKubelet } from './kubelet.ts'
import { podsRunning, populate } from './populate.ts'
import { freeNetwork } from './ports.ts'
import { Processes } from './processes.ts'
import type { Site } from './site.ts'
import { kubeconfigOf, permissions, type User } from './users.ts'
import { type World, worldAt } from './world.ts'

export interface Rig {
  /** `https://127.0.0.1:<port>` */
  readonly server: string
  /** The certificate of the API server's authority, PEM. */
  readonly authority: string
  /** The pods with a real Envoy, and those that have none for one reason each. */
  readonly pods: World['proxied'] & World['unreadable']
  /** The path of a user's kubeconfig. */
  kubeconfig(user: User): string
  /** Asks the API server as `admin`: for setting up and changing the world, which the product itself never does. PATCH sends a merge patch. */
  api(method: string, path: string, body?: object): Promise<ApiAnswer>
  /** Gives a pod's proxy a new certificate; answers its serial number (lower-case hex) when it is in force. */
  rotate(pod: keyof World['proxied']): Promise<string>
  /** Stops the API server and starts it again on the same data: it forgets its history, so older resource versions are gone (410). */
  restartApiServer(): Promise<void>
  /** Ends every process and deletes every file, the cached programs excepted. */
  stop(): Promise<void>
}

/** Starts everything and waits until the pods run. Builds what the cache lacks; throws with a sentence about what is missing or did not start. */
export async function startRig(report: (line: string) => void = line => process.stderr.write(`${line}\n`)): Promise<Rig> {
  const missing = await missingTools()
  if (missing.length > 0) throw new Error(missing.join('\n'))
  const binaries = await ensureBinaries(report)
  const processes = new Processes(await mkdtemp(join(tmpdir(), 'istio-security-rig-')))
  try {
    return await start(binaries, processes)
  } catch (error) {
    await processes.dispose()
    throw error
  }
}

async function start(binaries: Binaries, processes: Processes): Promise<Rig> {
  const { folder } = processes
  const site = { binaries, processes, folder, network: await freeNetwork(), ...(await authorities(folder)) }
  const world = worldAt(site.network)
  const envoys = { frontend: new Envoy(world.proxied.frontend, site), checkout: new Envoy(world.proxied.checkout, site) }
  const [apiServer] = await Promise.all([serve(site, world), envoys.frontend.start(), envoys.checkout.start()])
  return {
    server: apiServer.url,
    authority: await pem(site.kubernetes.certificate),
    pods: { ...world.proxied, ...world.unreadable },
    kubeconfig: user => kubeconfigOf(folder, user),
    api: (method, path, body) => apiServer.admin.request(method, path, body),
    rotate: pod => envoys[pod].rotate(),
    restartApiServer: () => apiServer.restart(),
    stop: async () => {
      apiServer.admin.close()
      await processes.dispose()
    },
  }
}

async function authorities(folder: string) {
  const keys = new Keys(folder)
  const [kubernetes, root] = await Promise.all([
    keys.authority('kubernetes', '/CN=kubernetes'),
    keys.authority('mesh-root', '/O=cluster.local'),
  ])
  return { keys, kubernetes, mesh: { root, issuer: await keys.authority('mesh-issuer', '/O=cluster.local/CN=istio-ca', root) } }
}

/** The API server with the whole world in it. */
async function serve(site: Site, world: World): Promise<ApiServer> {
  const apiServer = await ApiServer.start(site)
  const objects = [...world.objects, ...permissions]
  await Promise.all([startKubelet(site, world.forwards), populate(apiServer.admin, site.binaries.definitions, objects)])
  await podsRunning(apiServer.admin)
  return apiServer
}
