// What every part of a rig is started with.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Binaries, ensureBinaries, missingTools } from './binaries.ts'
import { type KeyPair, Keys } from './keys.ts'
import { freeNetwork } from './ports.ts'
import { Processes } from './processes.ts'

export interface Site {
  readonly binaries: Binaries
  readonly processes: Processes
  /** The rig's temporary folder. */
  readonly folder: string
  readonly keys: Keys
  /** Signs the certificates of the API server, the kubelet and users. */
  readonly kubernetes: KeyPair
  /** Sign the certificates of workloads: `issuer` does, and `root` signed that. */
  readonly mesh: { readonly root: KeyPair; readonly issuer: KeyPair }
  /** The first two numbers of the pods' addresses, such as `127.1`. */
  readonly network: string
}

/** Runs `start` at a new site, which is cleared when that fails. Builds what the cache lacks; throws a sentence about what is missing. */
export async function atSite<T>(
  start: (site: Site) => Promise<T>,
  report: (line: string) => void = line => process.stderr.write(`${line}\n`),
): Promise<T> {
  const missing = await missingTools()
  if (missing.length > 0) throw new Error(missing.join('\n'))
  const binaries = await ensureBinaries(report)
  const processes = new Processes(await mkdtemp(join(tmpdir(), 'istio-security-rig-')))
  const { folder } = processes
  try {
    return await start({ binaries, processes, folder, network: await freeNetwork(), ...(await authorities(folder)) })
  } catch (error) {
    await processes.dispose()
    throw error
  }
}

async function authorities(folder: string): Promise<Pick<Site, 'keys' | 'kubernetes' | 'mesh'>> {
  const keys = new Keys(folder)
  const [kubernetes, root] = await Promise.all([
    keys.authority('kubernetes', '/CN=kubernetes'),
    keys.authority('mesh-root', '/O=cluster.local'),
  ])
  return { keys, kubernetes, mesh: { root, issuer: await keys.authority('mesh-issuer', '/O=cluster.local/CN=istio-ca', root) } }
}
