// A kubeconfig for one test, beside those of the rig's users.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Site } from './site.ts'

export interface Login {
  readonly server: string
  /** The entry under `user`, as a kubeconfig has it. */
  readonly user: object
  readonly namespace?: string
}

/** Writes `<name>.yaml` with the one context `rig` into the rig's folder; answers its path. */
export async function writeKubeconfig({ folder, kubernetes }: Site, name: string, { server, user, namespace }: Login): Promise<string> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'rig',
    clusters: [{ name: 'rig', cluster: { server, 'certificate-authority': kubernetes.certificate } }],
    users: [{ name: 'somebody', user }],
    contexts: [{ name: 'rig', context: { cluster: 'rig', user: 'somebody', ...(namespace ? { namespace } : {}) } }],
  }
  const file = join(folder, `${name}.yaml`)
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  return file
}
