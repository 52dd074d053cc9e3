// Lint and format, and types, of the whole tree (`lint` or `types` alone: just that); with --write, format and safe fixes are applied.
import { spawnSync } from 'node:child_process'

const [part] = process.argv.slice(2).filter(argument => !argument.startsWith('--'))
const write = process.argv.includes('--write') ? ['--write'] : []
const run = (...args: string[]) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0

const linted = part === 'types' || run('node_modules/@biomejs/biome/bin/biome', 'check', ...write, '.')
const typed = part === 'lint' || run('node_modules/typescript/bin/tsc', '--noEmit')
process.exitCode = linted && typed ? 0 : 1
