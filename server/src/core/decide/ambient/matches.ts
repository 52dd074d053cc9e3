// Whether a connection matches a rule as ztunnel holds it. What is not known of the connection stays unknown, and so does what a placeholder stands for.
// Source: istio/ztunnel:src/rbac.rs (Authorization::matches, matches_internal).
import { type Address, type AddressBlock, contains } from '../../istio/values/addressBlock.ts'
import { never } from '../../istio/values/principal.ts'
import { every, no, some, type Truth, unknown, yes } from '../authorization/truth.ts'
import { isEmpty } from './rule.ts'
import { type Clause, type Clauses, isOpen, type Match, type Open, type ServiceAccountMatch, type StringMatch } from './ztunnelPolicy.ts'

/** What ztunnel knows of a connection; absent where it is not known here. */
export interface Facts {
  /** Of the certificate that the client showed; `none`: plaintext. */
  readonly identity: Identity | 'none'
  readonly sourceIp?: Address
  readonly destinationIp?: Address
  readonly port: number
}

interface Identity {
  /** Without `spiffe://`. */
  readonly principal: string
  readonly namespace: string
  readonly serviceAccount: string
}

/** Every clause must match. */
export function ruleMatches(clauses: Clauses, facts: Facts): Truth {
  const judged: Truth[] = []
  for (const clause of clauses) {
    const truth = clauseMatches(clause, facts)
    if (truth.is === 'no') return truth
    judged.push(truth)
  }
  return every(judged, 'a rule without conditions matches every connection')
}

const nothingLeft: Truth = { is: 'no', because: 'nothing is left of it at ztunnel, and what is empty never matches' }

/** One entry must match. */
function clauseMatches(clause: Clause, facts: Facts): Truth {
  const judged: Truth[] = []
  for (const match of clause) {
    const truth = isEmpty(match) ? nothingLeft : entryMatches(match, facts)
    if (truth.is === 'yes') return truth
    judged.push(truth)
  }
  return some(judged)
}

/** All fields must hold; those without values limit nothing. */
function entryMatches(match: Match, facts: Facts): Truth {
  const judged: Truth[] = []
  for (const judge of fields) {
    const truth = judge(match, facts)
    if (truth?.is === 'no') return truth
    if (truth) judged.push(truth)
  }
  return every(judged, '')
}

/** What of the connection a field tests. */
interface Subject<S> {
  readonly what: string
  /** Absent where it is not known. */
  readonly value: S | undefined
  readonly textOf: (value: S) => string
}

interface Field<S, T> {
  readonly of: (facts: Facts) => Subject<S>
  readonly values: (match: Match) => readonly Open<T>[] | undefined
  readonly notValues: (match: Match) => readonly Open<T>[] | undefined
  readonly textOf: (value: T) => string
  readonly test: (value: T, of: S) => boolean
}

/** One of the values must match, none of the others may. Undefined where the entry has neither. */
function field<S, T>({ of, values: valuesIn, notValues: notValuesIn, textOf, test }: Field<S, T>) {
  return (match: Match, facts: Facts): Truth | undefined => {
    const values = valuesIn(match)
    const notValues = notValuesIn(match) ?? []
    if (!values && notValues.length === 0) return undefined
    const { what, value, textOf: textOfSubject } = of(facts)
    if (value === undefined) return unknown([`the ${what}`])
    const hit = (each: Open<T>) => !isOpen(each) && test(each, value)
    if (notValues.some(hit)) return no(() => `${textOfSubject(value)} is in the excluded ${enumerate(notValues, textOf)}`)
    const admitted = values?.some(hit) ?? true
    const open = [...(admitted ? [] : (values ?? [])), ...notValues].filter(isOpen)
    if (!admitted && !values?.some(isOpen)) return no(() => `${textOfSubject(value)} is not in ${enumerate(values ?? [], textOf)}`)
    if (open.length > 0) return unknown(open.map(each => `what ${each.placeholder} stands for`))
    return yes(
      () => `${textOfSubject(value)} ${values ? `is in ${enumerate(values, textOf)}` : `is not in ${enumerate(notValues, textOf)}`}`,
    )
  }
}

function address(what: string, value: Address | undefined): Subject<Address> {
  return { what, value, textOf: ({ text }) => `${what} ${text}` }
}

/** That plaintext has no identity is known. */
function ofCaller(what: string, { identity }: Facts, textOf: (identity: Identity) => string): Subject<Identity | 'none'> {
  return { what, value: identity, textOf: each => (each === 'none' ? `plaintext (no ${what})` : `${what} ${textOf(each)}`) }
}

const textOfBlock = ({ text }: AddressBlock) => text
const textOfAccount = ({ namespace, serviceAccount }: ServiceAccountMatch) => `${namespace}/${serviceAccount}`

const fields = [
  field({
    of: ({ destinationIp }) => address('destination address', destinationIp),
    values: match => match.destinationIps,
    notValues: match => match.notDestinationIps,
    textOf: textOfBlock,
    test: contains,
  }),
  field({
    of: ({ sourceIp }) => address('source address', sourceIp),
    values: match => match.sourceIps,
    notValues: match => match.notSourceIps,
    textOf: textOfBlock,
    test: contains,
  }),
  field<number, number>({
    of: ({ port }) => ({ what: 'port', value: port, textOf: each => `port ${each}` }),
    values: match => match.destinationPorts,
    notValues: match => match.notDestinationPorts,
    textOf: String,
    test: (port, of) => port === of,
  }),
  field({
    of: facts => ofCaller('service account', facts, textOfAccount),
    values: match => match.serviceAccounts,
    notValues: match => match.notServiceAccounts,
    textOf: textOfAccount,
    test: isAccount,
  }),
  field({
    of: facts => ofCaller('principal', facts, ({ principal }) => principal),
    values: match => match.principals,
    notValues: match => match.notPrincipals,
    textOf: textOfPattern,
    // Without identity no principal matches, not even an empty suffix.
    test: (pattern, of) => of !== 'none' && stringMatches(pattern, of.principal),
  }),
  field({
    of: facts => ofCaller('namespace', facts, ({ namespace }) => namespace),
    values: match => match.namespaces,
    notValues: match => match.notNamespaces,
    textOf: textOfPattern,
    // Without identity the namespace is empty.
    test: (pattern, of) => stringMatches(pattern, of === 'none' ? '' : of.namespace),
  }),
]

function isAccount(account: ServiceAccountMatch, of: Identity | 'none'): boolean {
  return of !== 'none' && of.namespace === account.namespace && of.serviceAccount === account.serviceAccount
}

const mostValues = 4

/** `[a, b]`; made once for each list, as thousands of connections are compared with the same ones. */
function enumerate<T>(values: readonly Open<T>[], textOf: (value: T) => string): string {
  const known = enumerated.get(values)
  if (known !== undefined) return known
  const texts = values.slice(0, mostValues).map(each => (isOpen(each) ? each.placeholder : textOf(each)))
  const rest = values.length > mostValues ? [`${values.length - mostValues} more`] : []
  const text = `[${[...texts, ...rest].join(', ')}]`
  enumerated.set(values, text)
  return text
}

const enumerated = new WeakMap<readonly unknown[], string>()

function stringMatches(pattern: StringMatch, text: string): boolean {
  if ('Exact' in pattern) return text === pattern.Exact
  if ('Prefix' in pattern) return text.startsWith(pattern.Prefix)
  if ('Suffix' in pattern) return text.endsWith(pattern.Suffix)
  if ('Presence' in pattern) return text !== ''
  return never(pattern)
}

function textOfPattern(pattern: StringMatch): string {
  if ('Exact' in pattern) return pattern.Exact
  if ('Prefix' in pattern) return `${pattern.Prefix}*`
  if ('Suffix' in pattern) return `*${pattern.Suffix}`
  if ('Presence' in pattern) return '*'
  return never(pattern)
}
