// Outlives the test process and cleans up after it: reads "started <pid>" and "ended <pid>" from its input. When the input closes, because
// the rig stopped or because the test process died in whatever way, it kills what still runs and deletes the rig's folder.
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('The reaper needs the folder of the rig.')
const running = new Set<number>()

for await (const line of createInterface({ input: process.stdin })) {
  const [what, pid] = line.split(' ')
  if (what === 'started') running.add(Number(pid))
  else running.delete(Number(pid))
}
for (const pid of running) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
// A process that was just killed may still write for a moment.
rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
