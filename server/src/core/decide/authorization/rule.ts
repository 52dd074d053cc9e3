// One rule as a proxy evaluates it: any `from`, any `to`, every `when`.
// Source: istio/istio:pilot/pkg/security/authz/model/model.go (New, Generate).
import type { AuthorizationRule } from '../../istio/resources.ts'
import type { Attribute, Compiled, Condition, RuleContext } from './attribute.ts'
import type { CallerKey } from './callerIndex.ts'
import { conditionAttribute } from './conditionMatch.ts'
import { operationFields } from './operationMatch.ts'
import { callersNamedIn, sourceFields } from './sourceMatch.ts'
import { all, any, type Truth } from './truth.ts'

/** A rule without conditions matches every connection; one that Istio leaves out matches none. */
export function compileRule(rule: AuthorizationRule, context: RuleContext): Condition {
  const strange = rule.when.find(({ key }) => !conditionAttribute(key.value))
  if (strange) return never(`Istio does not know "${strange.key.value}" and leaves the rule out`)
  const lists = {
    from: rule.from.map(source => sourceFields.map(([values, notValues, of]) => compile(of, source[values], source[notValues], context))),
    to: rule.to.map(operation =>
      operationFields.map(([values, notValues, of]) => compile(of, operation[values], operation[notValues], context)),
    ),
    when: rule.when.map(({ key, values, notValues }) => compile(conditionAttribute(key.value), values, notValues, context)),
  }
  const leftOut = [...lists.from, ...lists.to, lists.when].flat().find(each => each !== undefined && 'leftOut' in each)
  if (leftOut && 'leftOut' in leftOut) return never(leftOut.leftOut)
  const clauses = [...anyOf(lists.from), ...anyOf(lists.to), ...conditions(lists.when)]
  return all(clauses, 'the rule matches everything')
}

/** The callers it asks for by name; undefined where it can match others. */
export function callersNamedBy({ from }: AuthorizationRule, context: RuleContext): readonly CallerKey[] | undefined {
  const named = from.map(source => callersNamedIn(source, context))
  return named.length > 0 && named.every(each => each !== undefined) ? named.flat() : undefined
}

type Values = readonly { readonly value: string }[]

function compile(of: Attribute | undefined, values: Values, notValues: Values, context: RuleContext): Compiled | undefined {
  if (values.length + notValues.length === 0) return undefined
  const texts = (list: Values) => list.map(({ value }) => value)
  return of?.compile(texts(values), texts(notValues), context)
}

/** No entry at all is no condition. */
function anyOf(entries: readonly (readonly (Compiled | undefined)[])[]): readonly Condition[] {
  const clauses = entries.map(conditions).map(clause => all(clause, 'an entry of it matches everything'))
  return clauses.length === 0 ? [] : [any(clauses)]
}

function conditions(compiled: readonly (Compiled | undefined)[]): readonly Condition[] {
  return compiled.filter(each => typeof each === 'function')
}

function never(because: string): Condition {
  const truth: Truth = { is: 'no', because }
  return () => truth
}
