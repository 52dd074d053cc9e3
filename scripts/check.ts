// Lint and format, and types, of the whole tree (`lint` or `types` alone: just that); with --write, format and safe fixes are applied.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

const [part] = process.argv.slice(2).filter(argument => !argument.startsWith('--'))
const write = process.argv.includes('--write') ? ['--write'] : []
const run = (...args: string[]) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0

const linted = part === 'types' || run('node_modules/@biomejs/biome/bin/biome', 'check', ...write, '.')
// What runs in a page knows the DOM, and nothing else does.
const programs = ['.', ...globSync('client/src/pages/*/script')]
const typed = part === 'lint' || programs.every(program => run('node_modules/typescript/bin/tsc', '--noEmit', '-p', program))
process.exitCode = linted && typed ? 0 : 1
