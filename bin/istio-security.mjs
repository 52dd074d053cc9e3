#!/usr/bin/env node
// Starts dist/cli.mjs. Commands that talk to a cluster need Node 22.19; where the running Node is older and the repository
// has installed Node 24, they are handed over to it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cli = new URL('../dist/cli.mjs', import.meta.url)
const args = process.argv.slice(2)
const [major, minor] = process.versions.node.split('.').map(Number)
const newEnough = major > 22 || (major === 22 && minor >= 19)
const needsCluster = args[0] === 'lsp' || args.some(arg => /^--(kubeconfig|context|pod)(=|$)/.test(arg))
const node24 = fileURLToPath(new URL(`../node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url))

if (!existsSync(cli)) {
  process.stderr.write('istio-security: not built yet; run "npm run build" first\n')
  process.exitCode = 2
} else if (newEnough || !needsCluster) {
  await import(cli.href)
} else if (existsSync(node24)) {
  handOver()
} else if (args[0] === 'lsp') {
  // Files are judged all the same; the server says itself that the cluster is out of reach.
  await import(cli.href)
} else {
  process.stderr.write(`istio-security: Node ${process.versions.node} is too old to talk to a cluster; use Node 22.19 or newer\n`)
  process.exitCode = 2
}

function handOver() {
  const child = spawn(node24, [fileURLToPath(cli), ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', error => {
    process.stderr.write(`istio-security: cannot start ${node24}: ${error.message}\n`)
    process.exitCode = 2
  })
  child.on('exit', (code, signal) => {
    if (signal) {
      for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(each)
      process.kill(process.pid, signal)
    } else process.exitCode = code ?? 2
  })
}
