// The store behind the API server.
import { join } from 'node:path'
import { freePort } from './ports.ts'
import type { Running } from './processes.ts'
import type { Site } from './site.ts'

export class Etcd {
  /** Where its clients reach it. */
  readonly url: string
  readonly #running: Running

  private constructor(url: string, running: Running) {
    this.url = url
    this.#running = running
  }

  static async start({ binaries, processes, folder }: Site): Promise<Etcd> {
    const [port, peerPort] = await Promise.all([freePort(), freePort()])
    const [clients, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`]
    const running = processes.start('etcd', binaries.etcd, [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${clients}`,
      `--advertise-client-urls=${clients}`,
      `--listen-peer-urls=${peers}`,
      `--initial-advertise-peer-urls=${peers}`,
      `--initial-cluster=default=${peers}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ])
    await processes.ready(running, async () => (await fetch(`${clients}/health`)).ok)
    return new Etcd(clients, running)
  }

  /** Answers nobody until `resume`, and keeps every connection open: a machine that hangs. */
  pause(): void {
    this.#running.child.kill('SIGSTOP')
  }

  resume(): void {
    this.#running.child.kill('SIGCONT')
  }

  /** Forgets everything before `revision`, a resourceVersion. */
  async compact(revision: string): Promise<void> {
    const answer = await fetch(`${this.url}/v3/kv/compaction`, { method: 'POST', body: JSON.stringify({ revision, physical: true }) })
    if (!answer.ok) throw new Error(`etcd did not compact: ${await answer.text()}`)
  }
}
