// `npm run test:cluster`: the tests against a real API server, etcd, kwok and Envoy, built or fetched on first use.
import { ensureBinaries, missingTools } from '../test/cluster/binaries.ts'
import { packaged } from './packaged.ts'
import { close, runProjects } from './tally.ts'

const progress = (line: string) => process.stderr.write(`${line}\n`)
const missing = await missingTools()

if (missing.length > 0) {
  process.stdout.write(`${missing.join('\n')}\n`)
  close({ passed: 0, failed: missing.length, skipped: [] })
} else {
  await ensureBinaries(progress)
  close(
    await runProjects(['cluster'], process.argv.slice(2), async needed => {
      await packaged(progress)
      return needed
    }),
  )
}
