// Types, lint and format of the whole tree; with --write, format and safe fixes are applied.
import { spawnSync } from 'node:child_process'

const write = process.argv.includes('--write') ? ['--write'] : []
const run = (...args: string[]) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0

const formatted = run('node_modules/@biomejs/biome/bin/biome', 'check', ...write, '.')
const typed = run('node_modules/typescript/bin/tsc', '--noEmit')
process.exitCode = formatted && typed ? 0 : 1
