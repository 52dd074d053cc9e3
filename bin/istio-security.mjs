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
const has = (...names) => names.some(name => args.some(arg => arg === `--${name}` || arg.startsWith(`--${name}=`)))
/** Whether a command talks to a cluster though no option names one: it then uses the default kubeconfig. */
const usesDefaultCluster = new Map([
  ['lsp', () => true],
  ['snapshot', () => true],
  ['certificate', () => has('all', 'namespace')],
  ['connection', () => !has('from-dump') || !has('to-dump')],
  ['gateway', () => !has('dump')],
  ['check', () => has('drift', 'cluster-objects')],
])
const asksForHelp = has('help') || args.includes('-h')
const namesCluster = has('kubeconfig', 'context', 'pod')
const needsCluster = !asksForHelp && (namesCluster || (usesDefaultCluster.get(args[0] ?? '')?.() ?? false))
const node24 = fileURLToPath(new URL(`../node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url))

if (!existsSync(cli)) {
  process.stderr.write('istio-security: not built yet; run "npm run build" first\n')
  process.exitCode = 2
} else if (newEnough || !needsCluster) {
  await import(cli.href)
} else if (existsSync(node24)) {
  handOver()
} else if (!namesCluster) {
  // Files and snapshots are judged all the same; what needs a cluster says itself that it is out of reach.
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
