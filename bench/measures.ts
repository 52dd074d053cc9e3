// What is measured, each as our cost over a floor that was taken in the same minute.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { readFile } from '../server/src/core/istio/file.ts'
import { buildMesh } from '../server/src/core/mesh/build.ts'
import { check } from '../server/src/core/rules/run.ts'
import type { ParseCache } from '../server/src/core/yaml/parse.ts'
import { changedPolicyMeasures } from './changedPolicy.ts'
import { completionMeasure } from './completion.ts'
import { policy } from './corpus.ts'
import { engineMeasures } from './engines.ts'
import { inventoryMeasures } from './inventory.ts'
import { liveMeasure } from './live.ts'
import { type Measure, pairs, timed } from './measure.ts'
import { cpuOf } from './process.ts'

export async function measures(rounds: number): Promise<readonly Measure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'istio-security-bench-'))
  try {
    return [
      startUp(rounds),
      checkFolder(rounds, folder),
      oneKey(rounds),
      ...engineMeasures(rounds),
      liveMeasure(rounds),
      ...changedPolicyMeasures(rounds),
      ...(await inventoryMeasures(rounds)),
      await completionMeasure(rounds),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function startUp(rounds: number): Measure {
  return pairs(
    'command line, --version',
    'an empty Node process',
    rounds,
    () => cpuOf('bin/istio-security.mjs', '--version'),
    () => cpuOf('-e', ''),
  )
}

function checkFolder(rounds: number, folder: string): Measure {
  const files = join(folder, 'policies')
  mkdirSync(files)
  for (let index = 0; index < 1000; index++) writeFileSync(join(files, `${index}.yaml`), policy(index))
  return pairs(
    'check, 1,000 files',
    'the YAML library parsing the same files',
    rounds,
    () => cpuOf('bin/istio-security.mjs', 'check', files),
    () => cpuOf('bench/bareParse.mjs', files),
  )
}

/** A key pressed in the middle of a file of 200 policies, up to its findings. */
function oneKey(rounds: number): Measure {
  const documents = Array.from({ length: 200 }, (_, index) => policy(index))
  const cache: ParseCache = new Map()
  let key = 0
  const typed = () => documents.toSpliced(100, 1, policy(100).replace('x-tenant', `x-tenant-${key++}`)).join('---\n')
  const ours = () => {
    const text = typed()
    return timed(() => {
      const file = readFile('file:///policies.yaml', text, { cache })
      check(file, buildMesh({ files: file.resources, closedWorld: false }), { severities: {}, structure: 'all' })
    })
  }
  const floor = () => {
    const text = typed()
    return timed(() => parseAllDocuments(text))
  }
  for (let warming = 0; warming < 20; warming++) {
    ours()
    floor()
  }
  return pairs('a key → findings, 200 policies', 'the YAML library parsing the whole file', rounds * 10, ours, floor)
}
