// From the tree of a document `kind: AuthorizationTest` to cases that can be run. Never throws: what is wrong is a problem with its place.
import type { HttpRequest, Token } from '../decide/authorization/connection.ts'
import { isPolicyTest } from '../istio/file.ts'
import { authorizationTest, testCase } from '../istio/schema/authorizationTest.ts'
import { testKind } from '../istio/schema/index.ts'
import { type ObjectSchema, object } from '../istio/schema/schema.ts'
import type { YamlDocument } from '../yaml/parse.ts'
import { get, type Located, type Mapping, type Node, type Span, stringAt, stringsAt } from '../yaml/tree.ts'
import type { Expectation, ExpectedDecider, PolicyTest, Question, Source, Target, TestCase, TestProblem, Verdict } from './question.ts'
import { broken, isAbsent, problemsOf, wholeNumber } from './shape.ts'

/** One document of a file; undefined for what is no AuthorizationTest. */
export function readPolicyTest({ root, problems, templated, span }: YamlDocument): PolicyTest | undefined {
  if (!root || !isPolicyTest(root)) return undefined
  if (templated) return withoutCases({ is: 'skipped', reason: 'This document is a template: what it will say is not known yet.' }, span)
  const [unreadable] = problems
  return unreadable ? refused([broken(unreadable, 'This document is not sound YAML.')], span) : readSound(root)
}

/** In the place of cases that cannot be read stands one that says so: nobody shall take them for passed. */
export function refused(problems: readonly TestProblem[], span: Span): PolicyTest {
  return { ...withoutCases({ is: 'broken', problems }, span), problems }
}

function withoutCases(outcome: Outcome, span: Span): PolicyTest {
  return { cases: [{ name: testKind, span, ...outcome }], problems: [] }
}

function readSound(root: Node): PolicyTest {
  const written = get(root, 'cases')
  const cases = written?.kind === 'sequence' ? written.items.map(readCase) : []
  const misplaced = written && !isAbsent(written) && written.kind !== 'sequence' ? [broken(written, '"cases" takes a list.')] : []
  const frame = [...problemsOf(documentFrame, root, testKind), ...misplaced]
  const fatal = frame.filter(each => each.is === 'broken')
  return {
    cases: [...(fatal.length > 0 ? refused(fatal, root.span).cases : []), ...cases.map(each => each.testCase)],
    problems: [...frame, ...cases.flatMap(each => each.problems)],
    ...(isAbsent(get(root, 'mesh')) ? {} : { mesh: stringsAt(root, 'mesh') }),
  }
}

/** The cases are looked at one by one, so that one that is broken leaves the others alone. */
const documentFrame = object('an AuthorizationTest', {
  ...authorizationTest.fields,
  cases: { schema: { type: 'any' }, text: '', required: 'both' },
})

interface ReadCase {
  readonly testCase: TestCase
  readonly problems: readonly TestProblem[]
}

function readCase(node: Node | undefined, index: number): ReadCase {
  const name = stringAt(node, 'name')?.value ?? `case ${index + 1}`
  const problems = problemsOfCase(node, testCase)
  return { testCase: { name, span: node?.span ?? nowhere, ...asked(node, problems) }, problems }
}

type Outcome = TestCase extends infer Case ? (Case extends TestCase ? Omit<Case, 'name' | 'span'> : never) : never

function asked(node: Node | undefined, problems: readonly TestProblem[]): Outcome {
  const skip = stringAt(node, 'skip')
  if (skip) return { is: 'skipped', reason: skip.value }
  const fatal = problems.filter(each => each.is === 'broken')
  const question = fatal.length === 0 ? questionIn(node) : undefined
  const expectation = expectationIn(node)
  return question && expectation ? { is: 'ready', question, expectation } : { is: 'broken', problems: fatal }
}

/** One case as `authorize --request` takes it: what it expects plays no part. */
export function readQuestion(node: Node | undefined): { readonly question?: Question; readonly problems: readonly TestProblem[] } {
  const problems = problemsOfCase(node, questionOnly)
  const question = problems.some(each => each.is === 'broken') ? undefined : questionIn(node)
  return { problems, ...(question ? { question } : {}) }
}

const { expect, ...others } = testCase.fields
const questionOnly = object('a case', { ...others, ...(expect ? { expect: { schema: expect.schema, text: expect.text } } : {}) })

const nowhere: Span = { start: 0, end: 0 }

function problemsOfCase(node: Node | undefined, schema: ObjectSchema): readonly TestProblem[] {
  if (node?.kind !== 'mapping') return [broken(node ?? { span: nowhere }, 'A case is a map of fields.')]
  const by = get(node, 'by')
  // `none` stands in the place of a map.
  const shape = problemsOf(schema, node, 'cases').filter(({ span }) => by?.kind !== 'scalar' || span !== by.span)
  return [
    ...shape,
    ...inSource(get(get(node, 'from'), 'plaintext')),
    ...inHeaders(get(get(node, 'request'), 'headers')),
    ...inDecider(by),
    ...unusedToken(node),
  ]
}

function inSource(plaintext: Node | undefined): readonly TestProblem[] {
  if (plaintext?.kind !== 'scalar' || plaintext.value !== false) return []
  return [broken(plaintext, 'A caller that speaks mTLS has an identity. Name it with "workload" or "principal".')]
}

function inHeaders(headers: Node | undefined): readonly TestProblem[] {
  if (headers?.kind !== 'mapping') return []
  return headers.entries.flatMap(({ key, value }) =>
    headerValues(value) ? [] : [broken(value ?? key, `Header "${key.text}" takes a text, or a list of texts.`)],
  )
}

function inDecider(by: Node | undefined): readonly TestProblem[] {
  if (by === undefined || isAbsent(by) || (by.kind === 'scalar' && by.value === 'none')) return []
  const named = ['policy', 'published'].filter(each => !isAbsent(get(by, each)))
  return named.length === 1 ? [] : [broken(by, '"by" names one "policy" or one "published", or is none.')]
}

/** A token travels in a request. */
function unusedToken(node: Mapping): readonly TestProblem[] {
  const jwt = node.entries.find(({ key, value }) => key.text === 'jwt' && !isAbsent(value))
  if (!jwt || !isAbsent(get(node, 'request'))) return []
  return [{ is: 'ignored', span: jwt.key.span, message: 'Without a "request" this is a TCP connection, so its token is ignored.' }]
}

function questionIn(node: Node | undefined): Question | undefined {
  const from = sourceIn(get(node, 'from'))
  const to = targetIn(get(node, 'to'))
  if (!from || !to) return undefined
  const ip = textAt(node, 'ip')
  const remoteIp = textAt(node, 'remoteIp')
  const request = get(node, 'request')
  const provider = verdictAt(node, 'provider')
  const sni = textAt(node, 'sni')
  return {
    from,
    to,
    ...(ip === undefined ? {} : { ip }),
    ...(remoteIp === undefined ? {} : { remoteIp }),
    ...(request && !isAbsent(request) ? { request: requestIn(request, get(node, 'jwt')) } : {}),
    ...(provider ? { provider } : {}),
    ...(sni === undefined ? {} : { sni }),
  }
}

function sourceIn(from: Node | undefined): Source | undefined {
  const workload = stringAt(from, 'workload')
  if (workload) return { workload }
  const principal = stringAt(from, 'principal')
  if (principal) return { principal }
  const plaintext = get(from, 'plaintext')
  return plaintext?.kind === 'scalar' && plaintext.value === true ? { plaintext: true } : undefined
}

function targetIn(to: Node | undefined): Target | undefined {
  const workload = stringAt(to, 'workload')
  if (!workload) return undefined
  const port = wholeNumber(get(to, 'port'))
  const ip = textAt(to, 'ip')
  const service = stringAt(to, 'service')
  return { workload, ...(port === undefined ? {} : { port }), ...(ip === undefined ? {} : { ip }), ...(service ? { service } : {}) }
}

function requestIn(request: Node, jwt: Node | undefined): HttpRequest {
  const method = textAt(request, 'method')
  const path = textAt(request, 'path')
  const host = textAt(request, 'host')
  return {
    headers: headersIn(get(request, 'headers')),
    token: jwt && !isAbsent(jwt) ? tokenIn(jwt) : 'none',
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(host === undefined ? {} : { host }),
  }
}

function headersIn(headers: Node | undefined): Readonly<Record<string, readonly string[]>> {
  if (headers?.kind !== 'mapping') return {}
  return Object.fromEntries(headers.entries.map(({ key, value }) => [key.text, headerValues(value) ?? []]))
}

/** As written: a header is text, whatever YAML makes of it. */
function headerValues(value: Node | undefined): readonly string[] | undefined {
  if (value === undefined) return ['']
  if (value.kind === 'scalar') return [value.text]
  if (value.kind === 'mapping') return undefined
  const texts = value.items.flatMap(item => (item?.kind === 'scalar' ? [item.text] : []))
  return texts.length === value.items.length ? texts : undefined
}

const registered = ['iss', 'sub', 'aud', 'azp'] as const

function tokenIn(jwt: Node): Token {
  const claims = jsonOf(get(jwt, 'claims'))
  const named = registered.flatMap(claim => (isAbsent(get(jwt, claim)) ? [] : [[claim, jsonOf(get(jwt, claim))] as const]))
  const place = placeOfToken(get(jwt, 'in'))
  const invalid = invalidities.find(each => each === textAt(jwt, 'invalid'))
  const payload = { ...(isRecord(claims) ? claims : {}), ...Object.fromEntries(named) }
  return { payload, ...(place ? { in: place } : {}), ...(invalid ? { invalid } : {}) }
}

const invalidities = ['expired', 'not-yet-valid', 'bad-signature', 'malformed'] as const satisfies readonly NonNullable<Token['invalid']>[]

function placeOfToken(place: Node | undefined): Token['in'] | undefined {
  const header = textAt(place, 'header')
  const prefix = textAt(place, 'prefix')
  const param = textAt(place, 'param')
  const cookie = textAt(place, 'cookie')
  if (header !== undefined) return { header, ...(prefix === undefined ? {} : { prefix }) }
  if (param !== undefined) return { param }
  return cookie === undefined ? undefined : { cookie }
}

function expectationIn(node: Node | undefined): Expectation | undefined {
  const decision = verdictAt(node, 'expect')
  if (!decision) return undefined
  const status = wholeNumber(get(node, 'status'))
  const by = deciderIn(get(node, 'by'))
  return { decision, ...(status === undefined ? {} : { status }), ...(by ? { by } : {}) }
}

function deciderIn(by: Node | undefined): ExpectedDecider | undefined {
  if (by?.kind === 'scalar' && by.value === 'none') return 'none'
  const published = stringAt(by, 'published')
  if (published) return { published }
  const policy = stringAt(by, 'policy')
  const rule = locatedNumber(get(by, 'rule'))
  return policy && { policy, ...(rule ? { rule } : {}) }
}

function locatedNumber(node: Node | undefined): Located<number> | undefined {
  const value = wholeNumber(node)
  return node && value !== undefined ? { value, span: node.span } : undefined
}

function textAt(node: Node | undefined, field: string): string | undefined {
  return stringAt(node, field)?.value
}

function verdictAt(node: Node | undefined, field: string): Verdict | undefined {
  const text = textAt(node, field)
  return text === 'allow' || text === 'deny' ? text : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as JSON has it. */
function jsonOf(node: Node | undefined): unknown {
  if (node === undefined) return null
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'sequence') return node.items.map(jsonOf)
  return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, jsonOf(value)]))
}
