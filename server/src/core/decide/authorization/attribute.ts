// An attribute of a connection compared with the two lists that a rule gives for it: values of which one must match, and `not` values of
// which none may. Source: istio/istio:pilot/pkg/security/authz/model/model.go (rule.permission, rule.principal).
import type { AuthorizationAction } from '../../istio/resources.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import type { Facts, Reading } from './facts.ts'
import type { TrustDomains } from './trustDomain.ts'
import { all, no, type Test, unknown, yes } from './truth.ts'

/** Where a rule stands and for which kind of filter it is made. */
export interface RuleContext {
  readonly namespace: string
  readonly action: AuthorizationAction
  readonly trustDomains: TrustDomains
  readonly protocol: 'http' | 'tcp'
  /** Of a file: what looks like a placeholder is filled in later. */
  readonly templated: boolean
}

export type Condition = Test<Facts>

/** `left out`: Istio makes no filter of a rule that asks this. */
export type Compiled = Condition | { readonly leftOut: string }

export interface Attribute {
  compile(values: readonly string[], notValues: readonly string[], context: RuleContext): Compiled | undefined
}

export interface Definition<T> {
  /** `method`; of one that a connection may lack: `token`. */
  readonly noun: string
  /** What a TCP filter cannot know. */
  readonly httpOnly?: true
  read(facts: Facts): Reading<T>
  /** Undefined for a value of which Istio cannot make a matcher. */
  pattern(value: string, context: RuleContext): ((value: T) => boolean) | undefined
  /** A value that asks only whether there is one. */
  isPresence?(value: string): boolean
  /** Other spellings of the same. */
  spellings?(values: readonly string[], context: RuleContext): readonly string[]
  show?(value: T): string
  /** What is said of a connection that does not have it. */
  readonly absent?: string
}

/**
 * A list that Istio cannot translate makes an ALLOW rule vanish, while any other rule only loses it and so becomes wider
 * (model.go, checkError).
 */
export function attribute<T>(definition: Definition<T>): Attribute {
  return {
    compile(values, notValues, context) {
      if (values.length + notValues.length === 0) return undefined
      const wanted = patterns(definition, values, context)
      const excluded = patterns(definition, notValues, context)
      if (context.action === 'ALLOW' && (wanted.failed || excluded.failed)) return { leftOut: reasonFor(definition, context) }
      const conditions = [
        ...(wanted.size > 0 ? [oneOf(definition, wanted)] : []),
        ...(excluded.size > 0 ? [noneOf(definition, excluded)] : []),
      ]
      return conditions.length === 0 ? undefined : all(conditions, '')
    },
  }
}

interface Patterns<T> {
  readonly tests: readonly ((value: T) => boolean)[]
  readonly placeholders: readonly string[]
  readonly size: number
  readonly failed: boolean
  readonly asksPresence: boolean
  readonly shown: string
}

function patterns<T>(definition: Definition<T>, values: readonly string[], context: RuleContext): Patterns<T> {
  const placeholders = context.templated ? values.filter(isPlaceholder) : []
  const literal = values.filter(value => !placeholders.includes(value))
  const untranslatable = definition.httpOnly && context.protocol === 'tcp'
  const spelled = untranslatable ? [] : (definition.spellings?.(literal, context) ?? literal)
  const compiled = spelled.map(value => definition.pattern(value, context))
  const tests = compiled.filter(test => test !== undefined)
  const open = untranslatable ? [] : placeholders
  return {
    tests,
    placeholders: open,
    size: tests.length + open.length,
    failed: untranslatable ? values.length > 0 : tests.length < compiled.length,
    asksPresence: spelled.some(value => definition.isPresence?.(value)),
    shown: enumerate(values),
  }
}

function oneOf<T>(definition: Definition<T>, wanted: Patterns<T>): Condition {
  return judge(definition, wanted, hit => (hit ? yes : no))
}

function noneOf<T>(definition: Definition<T>, excluded: Patterns<T>): Condition {
  return judge(definition, excluded, hit => (hit ? no : yes))
}

function judge<T>(
  definition: Definition<T>,
  { tests, placeholders, asksPresence, shown }: Patterns<T>,
  of: (hit: boolean) => typeof yes,
): Condition {
  const { noun, show = String, absent = `there is no ${noun}` } = definition
  const open = placeholders.map(each => `what ${each} stands for`)
  const [only] = tests
  const hits = only && tests.length === 1 ? only : (value: T) => tests.some(test => test(value))
  return facts => {
    const reading = definition.read(facts)
    if ('missing' in reading) {
      if (reading.present && asksPresence) return of(true)(() => `there is a ${noun}`)
      return unknown([reading.missing, ...open])
    }
    const { values } = reading
    const hit = values.some(hits)
    if (!hit && open.length > 0 && values.length > 0) return unknown(open)
    if (values.length === 0) return of(false)(() => absent)
    return of(hit)(() => `${noun} ${values.map(show).join(', ')} is ${hit ? '' : 'not '}in ${shown}`)
  }
}

function reasonFor<T>({ noun, httpOnly }: Definition<T>, { protocol }: RuleContext): string {
  return httpOnly && protocol === 'tcp'
    ? `it asks for the ${noun}, which a TCP connection does not have, so Istio leaves the rule out`
    : `Istio cannot read a value it gives for the ${noun}, so it leaves the rule out`
}

const mostValues = 5

function enumerate(values: readonly string[]): string {
  const rest = values.length > mostValues ? [`${values.length - mostValues} more`] : []
  return `[${[...values.slice(0, mostValues), ...rest].join(', ')}]`
}
