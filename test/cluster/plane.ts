// An API server with Istio's definitions and its store, alone: all that listing, watching, permissions and signing in need. No kubelet, no proxies.
import type { ApiClient } from './apiClient.ts'
import { ApiServer } from './apiServer.ts'
import { type Login, writeKubeconfig } from './kubeconfig.ts'
import { populate } from './populate.ts'
import { bind, documentedRoles, reader } from './reader.ts'
import { atSite, type Site } from './site.ts'
import { tokenOf } from './users.ts'
import { worldAt } from './world.ts'

export interface Plane {
  readonly site: Site
  readonly server: ApiServer
  /** Asks as `admin`. */
  readonly admin: ApiClient
  /** Writes a kubeconfig: of somebody with the permissions of docs/rbac.yaml, at the API server itself, unless it says otherwise. Answers its path. */
  kubeconfig(name: string, login: Partial<Login>): Promise<string>
  /** Ends every process and deletes every file. */
  stop(): Promise<void>
}

/** Starts it with the mesh of the rig, whose pods stay pending, and a user `reader`. */
export function startPlane(): Promise<Plane> {
  return atSite(async site => {
    const server = await ApiServer.start(site)
    const permissions = [...(await documentedRoles()), bind(reader, 'reader')]
    await populate(server.admin, site.binaries.definitions, [...worldAt(site.network).objects, ...permissions])
    return {
      site,
      server,
      admin: server.admin,
      kubeconfig: (name, login) => writeKubeconfig(site, name, { server: server.url, user: impersonating('reader'), ...login }),
      stop: async () => {
        server.admin.close()
        await site.processes.dispose()
      },
    }
  })
}

/** A login as somebody else, who needs no token of their own. */
export function impersonating(user: string): object {
  return { token: tokenOf('admin'), as: user }
}
