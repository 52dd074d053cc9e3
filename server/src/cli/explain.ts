// `istio-security explain [TEXT]`: which policy, rule and file refused what a log line tells of, and the repair.
import { explain as explainIn } from '../core/explain/explain.ts'
import { explainText } from '../core/report/explain.ts'
import { explainReport, type LocatePolicy } from '../core/report/explainReport.ts'
import { CannotRun } from './cannotRun.ts'
import { readStandardInput } from './standardInput.ts'
import { buildWorld, type InputFile, namesCluster, readInputs, readSurroundings, type WorldOptions } from './world.ts'

export interface ExplainOptions extends WorldOptions {
  readonly format: 'text' | 'json'
  readonly color: boolean
}

/** `words` of the command line; none or `-`: standard input. Returns the text to print. */
export async function explain(words: readonly string[], options: ExplainOptions): Promise<string> {
  const isPiped = words.length === 0 || (words.length === 1 && words[0] === '-')
  if (isPiped && options.mesh.includes('-')) throw new CannotRun('standard input is the text to explain; name a file with --mesh')
  const text = isPiped ? (await readStandardInput()).toString('utf8') : words.join(' ')
  const inputs = await readInputs(options.mesh, options.namespace[0])
  const mesh = buildWorld(inputs, await readSurroundings(inputs, { ...options, mesh: [] }), options)
  const explained = explainIn(text, mesh)
  const locate = locatingIn(inputs)
  if (options.format === 'json') return `${JSON.stringify(explainReport(explained, locate), null, 2)}\n`
  return `${explainText(explained, { locate, color: options.color })}${advice(explained.entries.refused, options)}`
}

/** Without a mesh nothing is known of policies and pods. */
function advice(refused: number, options: ExplainOptions): string {
  return refused > 0 && options.mesh.length === 0 && !namesCluster(options)
    ? '\nName the objects of the mesh with --mesh PATH, or a cluster with --context NAME, to see the policies and workloads behind this.\n'
    : ''
}

function locatingIn(inputs: readonly InputFile[]): LocatePolicy {
  const files = new Map(inputs.map(file => [file.uri, file]))
  return (policy, rule) => {
    const file = policy.source.from === 'file' ? files.get(policy.source.uri) : undefined
    const ruleSpan = policy.kind === 'AuthorizationPolicy' && rule !== undefined ? policy.rules[rule]?.span : undefined
    return file && { file: file.path, range: file.lines.range(ruleSpan ?? policy.at.name ?? policy.at.kind) }
  }
}
