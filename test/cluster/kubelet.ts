// kwok in the place of a kubelet: it says that pods run, and forwards their ports to where the rig's Envoys listen.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './ports.ts'
import type { Site } from './site.ts'
import { kubeconfigOf } from './users.ts'
import { addressAnnotation } from './world.ts'

/** Starts it for every node; `forwards` are its PortForward objects. */
export async function startKubelet(site: Site, forwards: readonly object[]): Promise<void> {
  const { binaries, processes, folder, keys, kubernetes, network } = site
  const port = await freePort()
  const serving = await keys.issue('kubelet', { subject: '/CN=kubelet', san: 'IP:127.0.0.1', usage: 'serverAuth' }, kubernetes)
  const stages = withChosenAddresses(await readFile(binaries.stages, 'utf8'))
  const config = join(folder, 'kwok.yaml')
  await writeFile(config, [stages, ...forwards.map(forward => JSON.stringify(forward))].join('\n---\n'))
  const kwok = processes.start('kwok', binaries.kwok, [
    `--kubeconfig=${kubeconfigOf(folder, 'admin')}`,
    `--config=${config}`,
    '--manage-all-nodes',
    '--node-ip=127.0.0.1',
    `--node-port=${port}`,
    `--server-address=127.0.0.1:${port}`,
    `--tls-cert-file=${serving.certificate}`,
    `--tls-private-key-file=${serving.key}`,
    `--cidr=${network}.0.0/16`,
  ])
  await processes.ready(kwok, async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok)
}

/** kwok counts addresses upwards; the pods here say which one they need, because an Envoy already listens there. */
function withChosenAddresses(stages: string): string {
  const counted = /\{\{ \$podIPs := PodIPsWith .*\}\}\n/
  if (!counted.test(stages)) throw new Error("kwok's stage pod-ready no longer sets the pods' addresses as it did.")
  return stages.replace(counted, `{{ $podIPs := list (index .metadata.annotations "${addressAnnotation}") }}\n`)
}
