// The cost of a whole process: milliseconds of CPU, user and system, as the shell accounts its children.
import { spawnSync } from 'node:child_process'

/** Runs `node` with these arguments and answers its CPU time. Throws where the program cannot run; exit 1 is an answer of `check`. */
export function cpuOf(...args: readonly string[]): number {
  const { stdout } = spawnSync('bash', ['-c', '"$@" >/dev/null 2>&1; echo "status $?"; times', 'bash', process.execPath, ...args], {
    encoding: 'utf8',
  })
  const status = Number(/status (\d+)/.exec(stdout)?.[1])
  if (status > 1) throw new Error(`node ${args.join(' ')} ended with ${status}`)
  const [, , children = ''] = stdout.split('\n')
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  )
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
