// Loaded into the VS Code server before its own code: should the process that started it be killed without a chance to clean up,
// the pipe on standard input closes, and the server ends with everything it started and takes its profile folder along.
import { existsSync, rmSync } from 'node:fs'

const folder = process.env.REMOVE_WITH_PARENT
// Child processes of the server inherit the import, not the duty.
delete process.env.REMOVE_WITH_PARENT

if (folder !== undefined) {
  process.stdin.resume().on('close', () => {
    process.on('exit', () => removePatiently(folder))
    process.on('SIGTERM', () => process.exit(143))
    process.kill(-process.pid, 'SIGTERM')
  })
  process.stdin.unref()
}

/** Others that end at the same moment still write to the folder, or remove their own part of it. */
function removePatiently(folder) {
  for (let attempt = 0; attempt < 40 && existsSync(folder); attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // Something in it came or went meanwhile: once more.
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  }
}
