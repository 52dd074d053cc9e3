// `npm run bench`: cost as ratios to a floor taken in the same run, as a table; `-- --json FILE` writes it too. Nothing is judged here.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measures } from '../bench/measures.ts'
import { packaged } from './packaged.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, rounds: { type: 'string', default: '5' } } })
await packaged(line => process.stderr.write(`${line}\n`))
const table = await measures(Number(values.rounds))
const rounded = (ratio: number) => ratio.toFixed(ratio < 0.001 ? 5 : ratio < 0.1 ? 3 : 2)
const short = (count: number, unit = 'ms') => `${count.toFixed(count < 10 ? 2 : 0)} ${unit}`
for (const { name, floor, goal, ratio, from, to, milliseconds, unit } of table) {
  const promised = goal === undefined ? '' : `  · goal ${goal}x`
  process.stdout.write(
    `${name.padEnd(34)} ${rounded(ratio).padStart(6)}x  (${rounded(from)}–${rounded(to)})  of ${floor}  · ${short(milliseconds, unit)}${promised}\n`,
  )
}
if (values.json) writeFileSync(values.json, `${JSON.stringify({ version: 1, measures: table }, null, 2)}\n`)
