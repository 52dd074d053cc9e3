// `npm run bench`: cost as ratios to a floor taken in the same run, as a table; `-- --json FILE` writes it too. Nothing is judged here.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { measures } from '../bench/measures.ts'
import { packaged } from './packaged.ts'

const { values } = parseArgs({ options: { json: { type: 'string' }, rounds: { type: 'string', default: '5' } } })
await packaged(line => process.stderr.write(`${line}\n`))
const table = measures(Number(values.rounds))
const rounded = (ratio: number) => ratio.toFixed(ratio < 0.1 ? 3 : 2)
const short = (milliseconds: number) => `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`
for (const { name, floor, ratio, from, to, milliseconds } of table) {
  process.stdout.write(
    `${name.padEnd(34)} ${rounded(ratio).padStart(6)}x  (${rounded(from)}–${rounded(to)})  of ${floor}  · ${short(milliseconds)}\n`,
  )
}
if (values.json) writeFileSync(values.json, `${JSON.stringify({ version: 1, measures: table }, null, 2)}\n`)
