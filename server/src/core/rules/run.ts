// Runs the rules over a file: applies severities, drops what is turned off or suppressed, and gives every finding its place.
import type { SourceDocument, SourceFile } from '../istio/file.ts'
import { objectsOf } from '../istio/read.ts'
import { apiKind, type Kind, type Resource } from '../istio/resources.ts'
import { objectMeta } from '../istio/schema/objectMeta.ts'
import type { Schema, ValueKind } from '../istio/schema/schema.ts'
import { type Visit, walk } from '../istio/schema/walk.ts'
import { isPlaceholder } from '../istio/values/placeholder.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { certainOfPart, certainOfTemplate } from '../yaml/certain.ts'
import { pathOf } from '../yaml/cursor.ts'
import { beforeKey, type Edit, replaceScalar, withLineEndsOf } from '../yaml/edit.ts'
import { tooLong, type YamlProblem } from '../yaml/problem.ts'
import { live, type Node, type Path, type Span, stringAt } from '../yaml/tree.ts'
import { rules } from './index.ts'
import type { AnyRule, Change, IstioVerdict, Judge, Judgement, Problem, Related, Rule, SchemaRule, Severity } from './rule.ts'
import { type Suppression, suppressionsOf } from './suppression.ts'
import { watch } from './watch.ts'

export interface RuleSettings {
  /** By rule id; what is not named keeps the severity of the rule. */
  readonly severities: Readonly<Record<string, Severity | 'off'>>
  readonly structure: Structure
}

/**
 * What is said of fields that do not exist, wrong types, unknown words and broken YAML: `all`; `surprises`, what a reader of YAML 1.2 with our
 * schema (the YAML extension) does not see; or `off`.
 */
export type Structure = 'all' | 'surprises' | 'off'

export interface Finding {
  readonly rule: string
  readonly severity: Severity
  readonly istio: IstioVerdict
  /** Who refuses the object, where `istio` is `rejects`. */
  readonly refusedBy: readonly Judge[]
  readonly message: string
  readonly span: Span
  readonly path: Path
  readonly document: number
  readonly object: { readonly apiVersion: string; readonly kind: string; readonly namespace: string; readonly name: string }
  readonly codes: readonly string[]
  readonly fixes: readonly { readonly title: string; readonly edits: readonly Edit[] }[]
  readonly related: readonly Related[]
}

/** Findings that the YAML extension makes too, from its schema of the same kinds. */
const structural: ReadonlySet<string> = new Set(['unknown-field', 'unknown-value', 'wrong-type', 'yaml-syntax', 'duplicate-key'])

/** Of these, the ones that can be about a value which YAML 1.1 reads otherwise than YAML 1.2. */
const surprising: ReadonlySet<string> = new Set(['unknown-value', 'wrong-type'])
const onlyInYaml11 = /^["']?(?:y|n|yes|no|on|off|[-+]?0b[01_]+|[-+]?\d+_[\d_]*)["']?$/i

export const unusedSuppression = 'unused-suppression'
export const documentTooLarge = 'document-too-large'

/** Findings in the order of the text. */
export function check(file: SourceFile, mesh: Mesh, settings: RuleSettings): readonly Finding[] {
  const active = activeRules(settings)
  const found = file.documents
    .filter(({ ours, judged }) => ours && judged !== 'never')
    .flatMap(document => [...checkDocument(file, document, mesh, active)])
    .filter(
      ({ rule, span }) => settings.structure === 'all' || !surprising.has(rule) || onlyInYaml11.test(file.text.slice(span.start, span.end)),
    )
  return suppress(file, found, active)
    .map(finding => ({ ...finding, severity: severityOf(finding, settings) }))
    .toSorted((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
}

/** The same settings give the same list, so that what is worked out from it is worked out once. */
function activeRules(settings: RuleSettings): readonly AnyRule[] {
  const known = chosen.get(settings) ?? rules.filter(rule => isActive(rule.id, settings))
  chosen.set(settings, known)
  return known
}

const chosen = new WeakMap<RuleSettings, readonly AnyRule[]>()

function* checkDocument(file: SourceFile, document: SourceDocument, mesh: Mesh, active: readonly AnyRule[]): Generator<Finding> {
  const unread = notRead(document)
  if (unread) return yield tooLargeFinding(document, unread.span)
  const seen = new Set<string>()
  const errors = document.problems.flatMap(({ code, span }) => (code === 'DUPLICATE_KEY' ? [] : span.start)).toSorted((a, b) => a - b)
  for (const { rule, problem, object } of problemsIn(file, document, mesh, active)) {
    // Aliases put one value in several places; it is one mistake.
    const key = `${rule.id} ${problem.span.start} ${problem.span.end}`
    if (problem.span === live || seen.has(key) || isBroken(rule, problem.span, errors)) continue
    seen.add(key)
    const judgement = problem.istio ?? rule.istio
    yield {
      rule: rule.id,
      // A template or a patch seldom says all: what is a warning elsewhere may make sense there, where Istio accepts it.
      severity: judgement === 'accepts' && rule.severity !== 'error' && !isJudgedWhole(document) ? 'hint' : rule.severity,
      ...verdictOf(judgement),
      message: problem.message,
      span: problem.span,
      path: pathOf(document.root, problem.span),
      document: document.index,
      object,
      codes: [...codesOf(judgement), ...rule.codes],
      fixes: problem.fixes.map(({ title, changes }) => ({
        title,
        edits: changes.map(change => withLineEndsOf(file.text, toEdit(file.text, change))),
      })),
      related: problem.related,
    }
  }
}

interface Found {
  readonly rule: AnyRule
  readonly problem: Problem
  readonly object: Finding['object']
}

function* problemsIn(file: SourceFile, document: SourceDocument, mesh: Mesh, active: readonly AnyRule[]): Generator<Found> {
  if (!isJudgedWhole(document)) return yield* certainProblems(file, document, mesh, active)
  for (const rule of active) for (const found of problemsOf(rule, file, document, mesh)) yield { rule, ...found }
  const asked = readersOf(active)
  for (const visit of walk(document, document.namespace)) {
    for (const rule of asked(visit)) for (const problem of rule.check(visit, mesh)) yield foundAt(visit, rule, problem)
  }
}

/** What is wrong whatever a template or the object under a patch adds: the rest of the document is not known. */
function* certainProblems(file: SourceFile, document: SourceDocument, mesh: Mesh, active: readonly AnyRule[]): Generator<Found> {
  if (document.problems.some(({ code }) => code !== 'DUPLICATE_KEY')) return
  const certain = document.templated ? certainOfTemplate(document.root, file.text) : certainOfPart(document.root)
  const isWhole = (node: Node) => node.kind === 'scalar' || (document.judged === 'whole' && certain.isWhole(node))
  const asked = readersOf(active)
  for (const visit of walk(certain.root ? { root: certain.root } : {}, document.namespace)) {
    for (const rule of asked(visit)) {
      if (!rule.entrywise && !isWhole(visit.node)) continue
      const watched = watch(visit, isWhole)
      const problems = [...rule.check(watched.visit, mesh)]
      if (!watched.looksAround()) yield* problems.map(problem => foundAt(visit, rule, problem))
    }
  }
}

function foundAt(visit: Visit, rule: SchemaRule, problem: Problem): Found {
  const { apiVersion, kind, namespace, name } = visit.object
  return { rule, problem: isInMetadata(visit) ? byMetadataJudges(rule, problem) : problem, object: { apiVersion, kind, namespace, name } }
}

function isInMetadata({ schema, parent }: Visit): boolean {
  return schema === objectMeta || (parent !== undefined && isInMetadata(parent))
}

/** No CRD describes `metadata` and no strict decoding reads it: the API server looks at it by itself. Istio's webhook decodes it too. */
function byMetadataJudges(rule: AnyRule, problem: Problem): Problem {
  const judgement = problem.istio ?? rule.istio
  if (typeof judgement === 'string') return problem
  const [first, ...rest] = new Set(judgement.map(judge => (judge === 'webhook' ? judge : 'metadata')))
  return first ? { ...problem, istio: [first, ...rest] } : problem
}

/** Which rules read a value: one walk over the document serves them all. */
function readersOf(active: readonly AnyRule[]): (visit: Visit) => readonly SchemaRule[] {
  const known = readers.get(active) ?? new Readers(active)
  readers.set(active, known)
  return visit => known.of(visit)
}

const readers = new WeakMap<readonly AnyRule[], Readers>()

class Readers {
  private readonly bySchema = new Map<Schema | ValueKind, SchemaRule[]>()
  private readonly everywhere: SchemaRule[] = []

  constructor(active: readonly AnyRule[]) {
    for (const rule of active) {
      if (rule.on !== 'schema') continue
      if (!rule.of) this.everywhere.push(rule)
      for (const of of rule.of ?? []) this.bySchema.set(of, [...(this.bySchema.get(of) ?? []), rule])
    }
  }

  of(visit: Visit): readonly SchemaRule[] {
    if (!isOfItsType(visit)) return this.everywhere
    const { schema } = visit
    const standsFor = schema.type === 'string' ? schema.value : undefined
    return [...this.everywhere, ...(this.bySchema.get(schema) ?? []), ...(standsFor ? (this.bySchema.get(standsFor) ?? []) : [])]
  }
}

/** Whether the value has the type of its schema and is not filled in by something else later. */
function isOfItsType({ schema, node }: Visit): boolean {
  if (schema.type === 'object' || schema.type === 'map') return node.kind === 'mapping'
  if (schema.type === 'list') return node.kind === 'sequence'
  return (
    node.kind === 'scalar' &&
    node.value !== null &&
    !isPlaceholder(node.text) &&
    (schema.type !== 'string' || typeof node.value === 'string')
  )
}

/** A value that a syntax error reaches into (a quote never closed swallows what follows) is not what somebody meant to write. */
function isBroken(rule: AnyRule, { start, end }: Span, errors: readonly number[]): boolean {
  if (rule.id === 'yaml-syntax' || rule.id === 'duplicate-key') return false
  return (errors[firstFrom(errors, start)] ?? Number.POSITIVE_INFINITY) <= end
}

/** Index of the first of these ascending numbers that is not below `least`. */
function firstFrom(numbers: readonly number[], least: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? least) < least) low = middle + 1
    else high = middle
  }
  return low
}

function* problemsOf(rule: AnyRule, file: SourceFile, document: SourceDocument, mesh: Mesh): Generator<Omit<Found, 'rule'>> {
  if (rule.on === 'schema') return
  if (rule.on === 'document') {
    const objectAt = objectsIn(document)
    for (const problem of rule.check(document, file, mesh)) yield { problem, object: objectAt(problem.span) }
    return
  }
  for (const resource of document.resources) {
    if (!isOn(rule, resource)) continue
    const { apiVersion, namespace, name } = resource
    for (const problem of rule.check(resource, mesh)) yield { problem, object: { apiVersion, kind: apiKind(resource), namespace, name } }
  }
}

function isOn({ on }: Rule<Kind>, { kind }: Resource): boolean {
  return typeof on === 'string' ? on === kind : on.includes(kind)
}

/** Tells the object around a span: of a List the item. */
function objectsIn(document: SourceDocument): (span: Span) => Finding['object'] {
  const objects = objectsOf(document.root)
  const known = new Map<Node | undefined, Finding['object']>()
  return ({ start }) => {
    const node = objects.find(each => each && each.span.start <= start && start <= each.span.end) ?? document.root
    const object = known.get(node) ?? namesOf(node, document)
    known.set(node, object)
    return object
  }
}

function namesOf(object: Node | undefined, document: SourceDocument): Finding['object'] {
  const text = (...path: string[]) => stringAt(object, ...path)?.value
  return {
    apiVersion: text('apiVersion') ?? '',
    kind: text('kind') ?? '',
    namespace: text('metadata', 'namespace') ?? document.resources[0]?.namespace ?? 'default',
    name: text('metadata', 'name') ?? '',
  }
}

function verdictOf(judgement: Judgement): Pick<Finding, 'istio' | 'refusedBy'> {
  return typeof judgement === 'string' ? { istio: judgement, refusedBy: [] } : { istio: 'rejects', refusedBy: judgement }
}

/** istioctl's two names for what the webhook says. */
function codesOf(judgement: Judgement): readonly string[] {
  if (judgement === 'warns') return ['IST0133']
  return judgement !== 'accepts' && judgement.includes('webhook') ? ['IST0106'] : []
}

function toEdit(text: string, change: Change): Edit {
  if ('before' in change) return beforeKey(text, change.before, change.line)
  return 'scalar' in change ? replaceScalar(text, change.span, change.scalar) : { span: change.span, newText: change.text }
}

function isActive(rule: string, { severities, structure }: RuleSettings): boolean {
  if (severities[rule] === 'off') return false
  return structure === 'all' || !structural.has(rule) || (structure === 'surprises' && surprising.has(rule))
}

function severityOf({ rule, severity }: Finding, { severities }: RuleSettings): Severity {
  const set = severities[rule]
  return set === undefined || set === 'off' ? severity : set
}

/** Drops what comments silence; a comment that silences nothing is itself a finding, unless its rule did not run. */
function suppress(file: SourceFile, findings: readonly Finding[], active: readonly AnyRule[]): readonly Finding[] {
  const suppressions = suppressionsOf(file)
  if (suppressions.length === 0) return findings
  const ran = (id: string) => active.some(rule => rule.id === id) || !rules.some(rule => rule.id === id)
  const judged = ({ span }: Suppression) => isJudgedWhole(documentAt(file, span))
  const unused = suppressions.filter(each => ran(each.rule) && judged(each) && !findings.some(each.covers))
  const kept = findings.filter(finding => !suppressions.some(suppression => suppression.covers(finding)))
  return [...kept, ...unused.map(({ rule, span }) => unusedFinding(file, rule, span))]
}

function documentAt({ documents }: SourceFile, { start }: Span): SourceDocument | undefined {
  return documents.find(({ span }) => span.end >= start) ?? documents.at(-1)
}

/** Whether every rule was asked about the document. */
function isJudgedWhole(document: SourceDocument | undefined): boolean {
  return document === undefined || (document.judged === 'whole' && !document.templated && !notRead(document))
}

function notRead({ problems }: SourceDocument): YamlProblem | undefined {
  return problems.find(({ code }) => code === tooLong)
}

/** Nothing is known of the object, and nobody else says that. */
function tooLargeFinding(document: SourceDocument, span: Span): Finding {
  return {
    rule: documentTooLarge,
    severity: 'info',
    istio: 'accepts',
    refusedBy: [],
    message:
      'This document is too large to be judged while it is edited, so nothing in it was looked at. Split it, or run "istio-security check", which reads all of it.',
    span,
    path: [],
    document: document.index,
    object: namesOf(undefined, document),
    codes: [],
    fixes: [],
    related: [],
  }
}

function unusedFinding(file: SourceFile, rule: string, span: Span): Finding {
  const document = documentAt(file, span)
  return {
    rule: unusedSuppression,
    severity: 'hint',
    istio: 'accepts',
    refusedBy: [],
    message: `Nothing here has the finding "${rule}", so this comment silences nothing. Remove it.`,
    span,
    path: [],
    document: document?.index ?? 0,
    object: document ? objectsIn(document)(span) : { apiVersion: '', kind: '', namespace: '', name: '' },
    codes: [],
    fixes: [{ title: 'Remove this comment', edits: [{ span, newText: '' }] }],
    related: [],
  }
}
