// A Kubernetes API server with Istio's definitions, a fake kubelet and two real Envoys on 127.0.0.0/8: what the product meets in a cluster,
// without containers. Needs Linux, where every address of 127.0.0.0/8 answers, so each pod has one of its own.
import type { ApiAnswer } from './apiClient.ts'
import { ApiServer } from './apiServer.ts'
import { Envoy } from './envoy.ts'
import { pem } from './keys.ts'
import { writeKubeconfig } from './kubeconfig.ts'
import { startKubelet } from './kubelet.ts'
import { podsRunning, populate } from './populate.ts'
import { running } from './processes.ts'
import { atSite, type Site } from './site.ts'
import { kubeconfigOf, permissions, tokenOf, type User } from './users.ts'
import { type OddProxy, oddMark, type World, worldAt } from './world.ts'

export interface Rig {
  /** `https://127.0.0.1:<port>` */
  readonly server: string
  /** The certificate of the API server's authority, PEM. */
  readonly authority: string
  /** The pods with a real Envoy, and those that have none for one reason each. */
  readonly pods: World['proxied'] & World['unreadable']
  /** The pods whose proxies answer in odd ways, and how many processes of such a proxy run now. */
  readonly odd: World['odd']
  oddProcesses(name: OddProxy): number
  /** The path of a user's kubeconfig. */
  kubeconfig(user: User): string
  /** That of a user who reaches the API server at another address. */
  kubeconfigOver(server: string, user: User): Promise<string>
  /** Asks the API server as `admin`: for setting up and changing the world, which the product itself never does. PATCH sends a merge patch. */
  api(method: string, path: string, body?: object): Promise<ApiAnswer>
  /** Gives a pod's proxy a new certificate; answers its serial number (lower-case hex) when it is in force. */
  rotate(pod: keyof World['proxied']): Promise<string>
  /** Stops the API server and starts it again on the same data: it forgets its history, so older resource versions are gone (410). */
  restartApiServer(): Promise<void>
  /** Ends every process and deletes every file, the cached programs excepted. */
  stop(): Promise<void>
}

/** Starts everything and waits until the pods run. */
export function startRig(): Promise<Rig> {
  return atSite(start)
}

async function start(site: Site): Promise<Rig> {
  const { folder, processes } = site
  const world = worldAt(site.network)
  const envoys = { frontend: new Envoy(world.proxied.frontend, site), checkout: new Envoy(world.proxied.checkout, site) }
  const [apiServer] = await Promise.all([serve(site, world), envoys.frontend.start(), envoys.checkout.start()])
  return {
    server: apiServer.url,
    authority: await pem(site.kubernetes.certificate),
    pods: { ...world.proxied, ...world.unreadable },
    odd: world.odd,
    oddProcesses: name => running(oddMark(site.network, name)),
    kubeconfig: user => kubeconfigOf(folder, user),
    kubeconfigOver: (server, user) => writeKubeconfig(site, `${user}-over`, { server, user: { token: tokenOf(user) } }),
    api: (method, path, body) => apiServer.admin.request(method, path, body),
    rotate: pod => envoys[pod].rotate(),
    restartApiServer: () => apiServer.restart(),
    stop: async () => {
      apiServer.admin.close()
      await processes.dispose()
    },
  }
}

/** The API server with the whole world in it. */
async function serve(site: Site, world: World): Promise<ApiServer> {
  const apiServer = await ApiServer.start(site)
  const objects = [...world.objects, ...permissions]
  await Promise.all([startKubelet(site, world.forwards), populate(apiServer.admin, site.binaries.definitions, objects)])
  await podsRunning(apiServer.admin)
  return apiServer
}
