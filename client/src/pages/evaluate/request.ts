// Between the fields of the form and a case as the server reads it. Pure.
import type { EvaluationChoices, WrittenCase, WrittenTarget, WrittenToken } from '../../../../server/src/protocol.ts'
import { visible } from '../../text.ts'
import type { Choice, Choices, Fields } from './messages.ts'

export type ReadRequest = { readonly ok: true; readonly case: WrittenCase } | { readonly ok: false; readonly problem: string }

/** What is left empty is not known, but headers and token: those are not sent. */
export function requestOf(fields: Fields): ReadRequest {
  const headers = pairsIn(fields.headers)
  const claims = pairsIn(fields.claims)
  const to = targetOf(fields.to)
  const isHttp = fields.protocol === 'http'
  if (!to) return { ok: false, problem: 'No workload to call is known.' }
  if (isHttp && !headers) return { ok: false, problem: 'Write each header as "name: value", one a line.' }
  if (isHttp && !claims) return { ok: false, problem: 'Write each claim of the token as "name: value", one a line.' }
  return {
    ok: true,
    case: {
      from: callerOf(fields),
      ...text('ip', fields.ip),
      to,
      ...(isHttp
        ? {
            request: {
              ...text('method', fields.method),
              ...text('path', fields.path),
              ...text('host', fields.host),
              headers: grouped(headers ?? []),
            },
          }
        : {}),
      ...(isHttp && claims && claims.length > 0 ? { jwt: tokenOf(claims) } : {}),
      ...(fields.provider === '' ? {} : { provider: fields.provider }),
    },
  }
}

/** A form that asks this. */
export function fieldsOf({ from, to, request, jwt, ip, provider }: WrittenCase): Fields {
  const { claims = {}, in: _, invalid: __, ...registered } = jwt ?? {}
  return {
    from: 'workload' in from ? 'workload' : 'principal' in from ? 'principal' : 'plaintext',
    workload: 'workload' in from ? from.workload : '',
    principal: 'principal' in from ? from.principal : '',
    to: keyOfTarget(to),
    protocol: request ? 'http' : 'tcp',
    method: request?.method ?? '',
    path: request?.path ?? '',
    host: request?.host ?? '',
    headers: linesOf(request?.headers ?? {}),
    claims: linesOf({ ...registered, ...claims }),
    ip: ip ?? '',
    provider: provider ?? '',
  }
}

/**
 * What the form begins with: the last request where it can be made to one of these targets, else the one that the rule describes, else
 * any. What is no choice any more gives way to the first one.
 */
export function firstFields(last: Fields | undefined, { callers, targets, example }: EvaluationChoices): Fields {
  const isTarget = (value: string) => targets.some(each => keyOfTarget(each) === value)
  const fields = last && isTarget(last.to) ? last : example ? fieldsOf(example) : (last ?? anything)
  const to = isTarget(fields.to) ? fields.to : targets[0] ? keyOfTarget(targets[0]) : ''
  const workload = callers.some(each => each.workload === fields.workload) ? fields.workload : (callers[0]?.workload ?? '')
  return { ...fields, to, workload }
}

const anything: Fields = {
  from: 'workload',
  workload: '',
  principal: '',
  to: '',
  protocol: 'http',
  method: 'GET',
  path: '/',
  host: '',
  headers: '',
  claims: '',
  ip: '',
  provider: '',
}

export function choicesOf({ callers, targets }: EvaluationChoices): Choices {
  return {
    callers: callers.map(({ workload }) => ({ value: workload, label: visible(workload) })),
    identities: [...new Set(callers.map(({ identity }) => identity))],
    targets: targets.map(targetChoice),
  }
}

function targetChoice(target: WrittenTarget): Choice {
  const { workload, port, service } = target
  const named = service === undefined ? workload : `${service} through ${workload}`
  return { value: keyOfTarget(target), label: visible(port === undefined ? named : `${named}, port ${port}`) }
}

function keyOfTarget({ workload, port, service }: WrittenTarget): string {
  return JSON.stringify({ workload, port, service })
}

function targetOf(value: string): WrittenTarget | undefined {
  try {
    const { workload, port, service } = JSON.parse(value) as Partial<Record<keyof WrittenTarget, unknown>>
    if (typeof workload !== 'string') return undefined
    return { workload, ...(typeof port === 'number' ? { port } : {}), ...(typeof service === 'string' ? { service } : {}) }
  } catch {
    // Nothing is chosen.
    return undefined
  }
}

function callerOf({ from, workload, principal }: Fields): WrittenCase['from'] {
  switch (from) {
    case 'workload':
      return { workload }
    case 'principal':
      return { principal: principal.trim() }
    case 'plaintext':
      return { plaintext: true }
  }
}

function text<K extends string>(name: K, value: string): { readonly [P in K]?: string } {
  const trimmed = value.trim()
  return trimmed === '' ? {} : ({ [name]: trimmed } as { readonly [P in K]?: string })
}

type Pair = readonly [name: string, value: string]

/** Undefined where a line is no pair. */
function pairsIn(lines: string): readonly Pair[] | undefined {
  const pairs = lines
    .split('\n')
    .filter(line => line.trim() !== '')
    .map((line): Pair | undefined => {
      const [, name, value] = /^\s*([^:]*[^:\s])\s*:\s*(.*?)\s*$/.exec(line) ?? /^\s*(:[^:]+):\s*(.*?)\s*$/.exec(line) ?? []
      return name === undefined || value === undefined ? undefined : [name, value]
    })
  const whole = pairs.filter(pair => pair !== undefined)
  return whole.length === pairs.length ? whole : undefined
}

/** A name that stands there several times has several values. */
function grouped<T>(pairs: readonly (readonly [string, T])[]): Readonly<Record<string, T | readonly T[]>> {
  const values = new Map<string, readonly T[]>()
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value])
  return Object.fromEntries([...values].map(([name, all]) => [name, all.length === 1 && all[0] !== undefined ? all[0] : all]))
}

const registered = ['iss', 'sub', 'aud', 'azp']

function tokenOf(pairs: readonly Pair[]): WrittenToken {
  const all = Object.entries(grouped(pairs.map(([name, value]) => [name, claimOf(value)] as const)))
  const isRegistered = ([name]: readonly [string, unknown]) => registered.includes(name)
  const claims = Object.fromEntries(all.filter(each => !isRegistered(each)))
  return { ...Object.fromEntries(all.filter(isRegistered)), ...(Object.keys(claims).length > 0 ? { claims } : {}) }
}

/** Lists, maps, true and false as JSON; everything else is text. */
function claimOf(value: string): unknown {
  if (!/^(?:[[{].*|true|false)$/s.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    // Still being typed, or a text that begins with a bracket.
    return value
  }
}

function linesOf(values: Readonly<Record<string, unknown>>): string {
  const line = (name: string, value: unknown) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`
  const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(each => typeof each === 'string')
  return Object.entries(values)
    .flatMap(([name, value]) => (isTexts(value) ? value.map(each => line(name, each)) : [line(name, value)]))
    .join('\n')
}
