// `istio-security authorize`: would this connection or request be let in, and by which rule?
import { readFile } from 'node:fs/promises'
import { asFarAsKnown } from '../core/decide/authorization/asFarAsKnown.ts'
import { authorize as decide } from '../core/decide/authorization/authorize.ts'
import type { Connection } from '../core/decide/authorization/connection.ts'
import type { Decision } from '../core/decide/authorization/decision.ts'
import { serverPorts } from '../core/decide/ports.ts'
import { isPolicyTest } from '../core/istio/file.ts'
import type { Mesh } from '../core/mesh/mesh.ts'
import { connectionOf } from '../core/policytest/connectionOf.ts'
import type { Question } from '../core/policytest/question.ts'
import { readQuestion } from '../core/policytest/read.ts'
import { decisionText } from '../core/report/authorize.ts'
import { Lines } from '../core/yaml/lines.ts'
import { parseYaml } from '../core/yaml/parse.ts'
import { fromJson, itemsAt, type Node } from '../core/yaml/tree.ts'
import { CannotRun } from './cannotRun.ts'
import { locating, placeText } from './locate.ts'
import { decisionJson } from './report/decisionJson.ts'
import { readStandardInput } from './standardInput.ts'
import { buildWorld, mayBeWhole, namesCluster, readInputs, readSurroundings, reason, type WorldOptions } from './world.ts'

export interface AskedOptions {
  /** `namespace/name`, with `:port`. */
  readonly to?: string
  /** One of the three. */
  readonly from?: string
  readonly principal?: string
  readonly plaintext?: boolean
  readonly service?: string
  readonly ip?: string
  readonly remoteIp?: string
  readonly method?: string
  readonly path?: string
  readonly host?: string
  readonly header: readonly Pair[]
  readonly claim: readonly Pair[]
  readonly provider?: string
  readonly sni?: string
  readonly tcp?: boolean
  /** A file with one case of a policy test, in the place of all others. */
  readonly request?: string
}

/** Of `K=V`. */
export type Pair = readonly [name: string, value: string]

export interface AuthorizeOptions extends WorldOptions, AskedOptions {
  readonly format: 'text' | 'json'
  readonly color: boolean
}

/** Returns the text to print. */
export async function authorize(paths: readonly string[], options: AuthorizeOptions): Promise<string> {
  const question = options.request === undefined ? questionOf(options) : await readRequest(options.request, options)
  const isGiven = paths.length > 0 || options.mesh.length > 0 || namesCluster(options)
  const inputs = await readInputs(isGiven ? paths : ['.'], options.namespace[0])
  const around = await readSurroundings(inputs, options)
  const mesh = buildWorld(inputs, around, options)
  const connection = connectionOf(question, mesh)
  if (!connection.ok) throw new CannotRun(connection.reason)
  const decision = decide(connection.value, mesh)
  const likely = decision.decision === 'unknown' ? asFarAsKnown(connection.value, mesh) : undefined
  const locate = await locating(policiesOf(decision), inputs)
  if (options.format === 'json') return decisionJson(decision, locate, likely)
  const placeOf = (...rule: Parameters<typeof locate>) => {
    const location = locate(...rule)
    return location && placeText(location)
  }
  return `${decisionText(decision, { placeOf, color: options.color }, likely)}${portAdvice(connection.value, mesh)}${adviceFor(decision, mayBeWhole(inputs, around, options))}`
}

function policiesOf({ steps, by }: Decision) {
  return [...steps, ...(by ? [by] : [])].flatMap(each => ('policy' in each ? [each.policy] : []))
}

function adviceFor({ decision }: Decision, mayHelp: boolean): string {
  return mayHelp && decision === 'unknown' ? '  If these files are everything there is, add --closed-world.\n' : ''
}

/** A Service's port is easily taken for the workload's. */
function portAdvice({ to: { workload, port } }: Connection, mesh: Mesh): string {
  const ports = workload.proxy === 'waypoint' ? [] : serverPorts(workload, mesh)
  const meant = ports.find(({ servicePorts }) => servicePorts.includes(port))
  if (!meant || ports.some(each => each.port === port)) return ''
  return `\n  Port ${port} is the Service's, and leads to port ${meant.port} of the workload: ask for that one.\n`
}

/** Options say what a case of a policy test says, so they are read as one. */
function questionOf(options: AskedOptions): Question {
  const callers = [options.from, options.principal, options.plaintext].filter(each => each !== undefined)
  if (options.to === undefined) throw new CannotRun('name who is called with --to NAMESPACE/NAME[:PORT], or a case with --request FILE')
  if (callers.length !== 1) throw new CannotRun('name who calls with one of --from, --principal and --plaintext')
  const [, workload = '', port] = /^(.*?)(?::(\d+))?$/.exec(options.to) ?? []
  const { ip, remoteIp, provider, sni, service } = options
  const { question, problems } = readQuestion(
    fromJson({
      from: { workload: options.from, principal: options.principal, plaintext: options.plaintext },
      to: { workload, port: port === undefined ? undefined : Number(port), service },
      request: requestOf(options),
      jwt: options.claim.length > 0 ? { claims: gathered(options.claim, values => (values.length === 1 ? values[0] : values)) } : undefined,
      ip,
      remoteIp,
      provider,
      sni,
    }),
  )
  return question ?? cannotAsk(problems[0]?.message)
}

function requestOf({ tcp, method, path, host, header, claim }: AskedOptions) {
  if (!tcp) return { method, path, host, headers: gathered(header, values => values) }
  if ([method, path, host, ...header, ...claim].some(each => each !== undefined)) {
    throw new CannotRun('a TCP connection has no method, path, host, headers or claims; leave out --tcp or those')
  }
  return undefined
}

function gathered<T>(pairs: readonly Pair[], of: (values: readonly string[]) => T): Readonly<Record<string, T>> {
  const names = new Set(pairs.map(([name]) => name))
  return Object.fromEntries([...names].map(name => [name, of(pairs.flatMap(([each, value]) => (each === name ? [value] : [])))]))
}

async function readRequest(file: string, options: AskedOptions): Promise<Question> {
  const { to, from, principal, plaintext, service, ip, remoteIp, method, path, host, header, claim, provider, sni, tcp } = options
  const parts = [to, from, principal, plaintext, service, ip, remoteIp, method, path, host, provider, sni, tcp, ...header, ...claim]
  if (parts.some(each => each !== undefined)) {
    throw new CannotRun('--request says all of the question; leave out the options that say parts of it')
  }
  const text =
    file === '-' ? (await readStandardInput()).toString('utf8') : await readFile(file, 'utf8').catch(error => cannotRead(file, error))
  const { question, problems } = readQuestion(caseIn(text, file))
  const [problem] = problems.filter(each => each.is === 'broken')
  if (!problem) return question ?? cannotAsk(undefined)
  return cannotAsk(`${file}:${new Lines(text).position(problem.span.start).line + 1}: ${problem.message}`)
}

/** A case by itself, or the only one of an AuthorizationTest. */
function caseIn(text: string, file: string): Node {
  const [document, ...more] = parseYaml(text)
  const cases = isPolicyTest(document?.root) ? itemsAt(document?.root, 'cases') : [document?.root]
  const [only] = cases
  if (document && document.problems.length > 0) throw new CannotRun(`"${file}" is not sound YAML`)
  if (!only || cases.length > 1 || more.length > 0) throw new CannotRun(`"${file}" is to hold one case`)
  return only
}

function cannotRead(file: string, error: unknown): never {
  throw new CannotRun(`cannot read "${file}": ${reason(error)}`)
}

function cannotAsk(message: string | undefined): never {
  throw new CannotRun(message ?? 'the question is not complete')
}
