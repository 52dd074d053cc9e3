// Builds and packs dist/istio-security.vsix.
import { spawnSync } from 'node:child_process'
import './build.ts'

const vsce = [
  'node_modules/@vscode/vsce/vsce',
  'package',
  '--no-dependencies',
  '--allow-missing-repository',
  '--no-rewrite-relative-links',
  '--out',
  'dist/istio-security.vsix',
]
const { status } = spawnSync(process.execPath, vsce, { stdio: ['ignore', 'ignore', 'inherit'] })
process.exitCode = status ?? 1
