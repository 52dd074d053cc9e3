// What it costs to read a large cluster and to follow it, over the plainest way to do so, against an API server in another process.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import type { Measure } from './measure.ts'
import { median } from './process.ts'

const size = { pods: 10_000, accounts: 2500, events: 20_000 }

interface Run {
  /** Milliseconds of CPU until everything is listed, and then for all events. */
  readonly listCpu: number
  readonly watchCpu: number
  /** Bytes. */
  readonly held: number
  /** Milliseconds of CPU: the longest that the event loop is busy at a stretch, and what one page of 500 whole pods takes to parse. */
  readonly stall: number
  readonly page: number
}

export async function inventoryMeasures(rounds: number): Promise<readonly Measure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'istio-security-inventory-'))
  const client = join(folder, 'client.mjs')
  bundle(client)
  const { server, port } = await startServer()
  try {
    const run = (mode: string): Run => {
      const args = ['--expose-gc', client, mode, port, String(size.events), folder]
      const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      if (!stdout) throw new Error(`${mode}: ${stderr}`)
      return JSON.parse(stdout)
    }
    const taken = Array.from({ length: rounds }, () => ({ ours: run('ours'), trimmed: run('trimmed'), whole: run('whole') }))
    const measure = (
      name: string,
      floor: string,
      goal: number,
      ours: (run: Run) => number,
      base: (each: (typeof taken)[number]) => number,
    ): Measure => {
      const ratios = taken.map(each => ours(each.ours) / base(each))
      const milliseconds = median(taken.map(each => ours(each.ours)))
      return { name, floor, goal, ratio: median(ratios), from: Math.min(...ratios), to: Math.max(...ratios), milliseconds }
    }
    const plain = 'plain http, JSON.parse, six fields'
    return [
      measure(
        '12,500 objects listed',
        plain,
        1.3,
        run => run.listCpu,
        each => each.trimmed.listCpu,
      ),
      measure(
        '… longest stall meanwhile',
        'parsing one page of 500 pods',
        1,
        run => run.stall,
        each => each.whole.page,
      ),
      {
        ...measure(
          '… held',
          'the objects as they come',
          0.125,
          run => run.held / 1000,
          each => each.whole.held / 1000,
        ),
        unit: 'kB',
      },
      measure(
        'a pod changes',
        plain,
        1.7,
        run => run.watchCpu / size.events,
        each => each.trimmed.watchCpu / size.events,
      ),
    ]
  } finally {
    server.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

function bundle(outfile: string): void {
  const js = "import { createRequire as createRequireOfNode } from 'node:module'; const require = createRequireOfNode(import.meta.url);"
  const external = ['bufferutil', 'utf-8-validate']
  buildSync({
    entryPoints: ['bench/inventory/client.ts'],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    banner: { js },
    external,
  })
}

/** `perSecond`: how many events; absent: as fast as they are taken. */
export async function startServer(
  events = size.events,
  perSecond?: number,
): Promise<{ readonly server: ChildProcess; readonly port: string }> {
  const counts = [size.pods, size.accounts, events, ...(perSecond === undefined ? [] : [perSecond])]
  const args = ['bench/inventory/apiServer.mjs', ...counts.map(String)]
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(server.stdout, 'data')
  return { server, port: String(line).trim() }
}
