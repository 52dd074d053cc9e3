// Completion in a large cluster where something changes all the time, over the same in a quiet one: two language servers that are asked in turn.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LanguageServer } from '../test/support/languageServer.ts'
import { startServer } from './inventory.ts'
import type { Measure } from './measure.ts'
import { median } from './process.ts'

const changesPerSecond = 50
const asked = 40
const text = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: callers
  namespace: team-1
spec:
  selector:
    matchLabels:
      app: app-1
  rules:
    - from:
        - source:
            principals:
              - cluster.local/ns/team-1/sa/app-1
`
const position = { line: 13, character: 43 }

export async function completionMeasure(rounds: number): Promise<Measure> {
  const quiet = await opened(0)
  const busy = await opened(1_000_000, changesPerSecond)
  try {
    const taken: { readonly busy: number; readonly quiet: number }[] = []
    for (let round = 0; round < rounds; round++) {
      const times = { busy: [] as number[], quiet: [] as number[] }
      for (let turn = 0; turn < asked; turn++) {
        times.quiet.push(await quiet.completed(turn))
        times.busy.push(await busy.completed(turn))
      }
      taken.push({ busy: slowest(times.busy), quiet: slowest(times.quiet) })
    }
    const ratios = taken.map(each => each.busy / each.quiet)
    return {
      name: `completion, ${changesPerSecond} changes a second`,
      floor: 'the same in a quiet cluster, of each the 95th percentile',
      goal: 4,
      ratio: median(ratios),
      from: Math.min(...ratios),
      to: Math.max(...ratios),
      milliseconds: median(taken.map(each => each.busy)),
    }
  } finally {
    await Promise.all([quiet.close(), busy.close()])
  }
}

async function opened(events: number, perSecond?: number) {
  const api = await startServer(events, perSecond)
  const folder = mkdtempSync(join(tmpdir(), 'istio-security-completion-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const clusters = [{ name: 'bench', cluster: { server: `http://127.0.0.1:${api.port}` } }]
  const contexts = [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }]
  const users = [{ name: 'bench', user: {} }]
  writeFileSync(kubeconfig, JSON.stringify({ clusters, users, contexts, 'current-context': 'bench' }))
  const server = await LanguageServer.start({ kubeconfig })
  const uri = server.open(text)
  await server.reached('connected', 60)
  let answered = server.refreshes
  return {
    /** Milliseconds from a key to what is offered. As an editor does, findings are asked for again when the server says so. */
    async completed(turn: number): Promise<number> {
      await new Promise(resolve => setTimeout(resolve, 40))
      const findings = server.refreshes === answered ? undefined : server.diagnose(uri)
      answered = server.refreshes
      const start = performance.now()
      server.change(uri, text.replace('callers', `callers-${turn}`))
      const items = await server.complete(uri, position)
      const time = performance.now() - start
      if (items.length === 0) throw new Error('nothing is offered')
      await findings
      return time
    },
    async close(): Promise<void> {
      await server.stop()
      api.server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function slowest(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN
}
