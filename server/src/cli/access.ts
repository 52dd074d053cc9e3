// `istio-security access`: who can call a workload, and what a workload can call.
import { callableBy } from '../core/decide/access/callableBy.ts'
import { callersOf } from '../core/decide/access/callersOf.ts'
import type { AccessDecider } from '../core/decide/access/outcome.ts'
import type { Mesh, Workload } from '../core/mesh/mesh.ts'
import { named } from '../core/policytest/connectionOf.ts'
import { accessText, callableText, type Words } from '../core/report/access.ts'
import { accessReport, callableReport, type Place } from '../core/report/accessReport.ts'
import { CannotRun } from './cannotRun.ts'
import { placeText, placing } from './locate.ts'
import { buildWorld, mayBeWhole, namesCluster, readInputs, readSurroundings, type WorldOptions } from './world.ts'

export interface AccessOptions extends WorldOptions {
  /** `namespace/name`, with `:port`. One of the two. */
  readonly to?: string
  readonly from?: string
  readonly format: 'text' | 'json'
  readonly color: boolean
  /** Columns of the terminal; lines are not broken where there is none. */
  readonly width?: number
}

/** Returns the text to print. */
export async function access(paths: readonly string[], options: AccessOptions): Promise<string> {
  const asked = askedIn(options)
  const isGiven = paths.length > 0 || options.mesh.length > 0 || namesCluster(options)
  const inputs = await readInputs(isGiven ? paths : ['.'], options.namespace[0])
  const around = await readSurroundings(inputs, options)
  const mesh = buildWorld(inputs, around, options)
  const place = await placing([...mesh.all('AuthorizationPolicy'), ...mesh.all('PeerAuthentication')], inputs)
  const mayHelp = mayBeWhole(inputs, around, options)
  const workload = workloadIn(mesh, asked.workload)
  const words = { placeOf: (by: AccessDecider) => placeOf(by, place), color: options.color, ...widthOf(options) }
  if (asked.is === 'from') {
    const callable = callableBy(mesh, workload)
    if (options.format === 'json') return json(callableReport(callable, place))
    return withAdvice(callableText(callable, words), mayHelp && callable.targets.some(({ outcome }) => outcome.decision === 'unknown'))
  }
  const answer = callersOf(mesh, workload, asked.port)
  if (options.format === 'json') return json(accessReport(answer, place))
  return withAdvice(accessText(answer, words), mayHelp && answer.others.decision === 'unknown')
}

type Asked = { readonly is: 'to'; readonly workload: string; readonly port?: number } | { readonly is: 'from'; readonly workload: string }

const highestPort = 65_535

function askedIn({ to, from }: AccessOptions): Asked {
  if (from !== undefined && to === undefined) return { is: 'from', workload: from }
  if (to === undefined || from !== undefined) {
    throw new CannotRun('name one workload: who is called with --to NAMESPACE/NAME[:PORT], or who calls with --from NAMESPACE/NAME')
  }
  const [, workload = '', port] = /^(.*?)(?::(\d+))?$/.exec(to) ?? []
  if (port === undefined) return { is: 'to', workload }
  if (Number(port) < 1 || Number(port) > highestPort) throw new CannotRun(`"${port}" is no port: ports are 1 to ${highestPort}`)
  return { is: 'to', workload, port: Number(port) }
}

function workloadIn(mesh: Mesh, name: string): Workload {
  if (!/^[^/]+\/[^/]+$/.test(name)) throw new CannotRun(`"${name}" names no namespace; write namespace/name`)
  const found = named({ value: name, span: { start: 0, end: 0 } }, mesh)
  if (!found.ok) throw new CannotRun(found.reason)
  return found.value
}

function placeOf(by: AccessDecider, place: Place): string | undefined {
  if ('published' in by) return undefined
  const found =
    'peerAuthentication' in by
      ? place(by.peerAuthentication, by.peerAuthentication.mode?.span)
      : place(by.policy, by.policy.rules[by.rule]?.span)
  return found && placeText(found)
}

function widthOf({ width }: AccessOptions): Pick<Words, 'width'> {
  return width === undefined ? {} : { width }
}

function withAdvice(text: string, helps: boolean): string {
  return helps ? `${text}\nIf these files are everything there is, add --closed-world.\n` : text
}

function json(report: object): string {
  return `${JSON.stringify(report, null, 2)}\n`
}
