// What Istio refuses in the settings of locality and zone. Source: istio/istio:pkg/config/validation/agent/validation.go
// (ValidateLocalityLbSetting, ValidateZoneAwareLbSetting).

import { textAt } from '../../istio/schema/decoded.ts'
import type { Fields } from '../../istio/schema/fields.ts'
import { isUnknown, numberOf } from '../../istio/schema/values.ts'
import { checkLocalities, narrowFirst } from '../../istio/values/locality.ts'
import type { Entry, Located } from '../../yaml/tree.ts'
import { type Problem, problem } from '../rule.ts'

const topology: readonly string[] = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone']
const refused = 'so Istio refuses the object'

/** The problem at which Istio stops to look further. */
export function decisiveProblem(setting: Fields): Problem | undefined {
  const failover = setting.key('failover')
  if (failover && setting.isSet('failover')) {
    if (setting.isSet('distribute')) return problem(failover, `"distribute" and "failover" cannot both be set, ${refused}. Remove one.`)
    const label = setting.texts('failoverPriority').find(({ value }) => topology.includes(value))
    if (label) return problem(label, `"${label.value}" and "failover" cannot both be set, ${refused}. Remove one.`)
  }
  return setting.objects('distribute').flatMap(each => weightProblem(each) ?? [])[0]
}

export function* localityProblems(setting: Fields): Generator<Problem> {
  const decisive = decisiveProblem(setting)
  if (decisive) {
    yield decisive
    return
  }
  for (const entry of setting.objects('distribute')) yield* targetProblems(entry)
  yield* overlap(setting.objects('distribute').flatMap(entry => entry.text('from') ?? []))
  yield* failoverProblems(setting)
}

export function* zoneProblems(setting: Fields): Generator<Problem> {
  for (const label of setting.texts('failoverPriority')) {
    if (topology.includes(label.value)) {
      yield problem(label, `Regions and zones are compared anyway, and "${label.value}" cannot be listed, ${refused}. Remove it.`)
    }
  }
  yield* failoverProblems(setting)
}

function weightsOf(entry: Fields): readonly Entry[] {
  const to = entry.get('to')
  return to?.kind === 'mapping' ? to.entries : []
}

function weightProblem(entry: Fields): Problem | undefined {
  const weights = weightsOf(entry)
  const [key, to] = [entry.key('to'), entry.get('to')]
  if (!key || to?.kind !== 'mapping') return undefined
  const values = weights.map(({ value }) => (value === undefined || isNullScalar(value) ? 0 : numberOf(value)))
  const bad = weights.find((_, index) => isOutside(values[index]))
  if (bad) return problem(bad.value ?? bad.key, `A weight must be from 1 to 100, ${refused}.`)
  const sum = values.reduce((total, value) => (total === undefined || value === undefined ? undefined : total + value), 0)
  return sum === undefined || sum === 100 ? undefined : problem(key, `The weights add up to ${sum} and must add up to 100, ${refused}.`)
}

function isNullScalar(node: Entry['value']): boolean {
  return node?.kind === 'scalar' && node.value === null
}

function isOutside(weight: number | undefined): boolean {
  return weight !== undefined && (weight <= 0 || weight > 100)
}

function* targetProblems(entry: Fields): Generator<Problem> {
  const keys = weightsOf(entry).map(({ key }) => key)
  if (keys.some(isUnknown)) return
  const sorted = narrowFirst(keys.map(({ text }) => text))
  const bad = checkLocalities(sorted)
  const key = bad && keys.find(({ text }) => text === sorted[bad.index])
  if (key) yield problem(key, `"${key.text}" is not possible as a locality here, ${refused}: ${bad.reason}.`)
}

function* overlap(from: readonly Located<string>[]): Generator<Problem> {
  const bad = checkLocalities(from.map(({ value }) => value))
  const locality = bad && from[bad.index]
  if (locality) yield problem(locality, `"${locality.value}" is not possible as a locality here, ${refused}: ${bad.reason}.`)
}

function* failoverProblems(setting: Fields): Generator<Problem> {
  for (const entry of setting.objects('failover')) {
    const [from, to] = [textAt(entry, 'from'), textAt(entry, 'to')]
    const place = entry.text('to') ?? entry.text('from') ?? entry.node ?? setting.key('failover')
    if (from === undefined || to === undefined || !place) continue
    if (from === to) yield problem(place, `A region cannot fail over to itself, ${refused}. Name two regions.`)
    const wrong = [from, to].find(region => /[/*]/.test(region))
    if (wrong) yield problem(place, `"${wrong}" is no region, ${refused}. Write a region alone, without zones and wildcards.`)
  }
}

/** Whether Istio looks no further than at what decides, and so does not warn. */
export function isDecided(setting: Fields): boolean {
  return decisiveProblem(setting) !== undefined || setting.objects('distribute').some(entry => !entry.has('to'))
}

/** Whether failover is set up at all. */
export function failsOver(setting: Fields | undefined): boolean {
  return setting !== undefined && (setting.isSet('failover') || setting.isSet('failoverPriority'))
}
