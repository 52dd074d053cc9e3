// What can be written here: fields, words, and the names that really exist.
import { type CompletionItem, CompletionItemKind, type CompletionList, InsertTextFormat, type Range } from 'vscode-languageserver-types'
import { isPolicyTest } from '../istio/file.ts'
import { describeField } from '../istio/schema/describe.ts'
import { groupOf, kinds, schemaAt, schemaOf, testKind } from '../istio/schema/index.ts'
import type { ObjectSchema, Schema, StringSchema, ValueKind } from '../istio/schema/schema.ts'
import { cipherSuites } from '../istio/values/cipherSuites.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { type Slot, slotAt } from '../yaml/cursor.ts'
import { plain, singleQuoted } from '../yaml/edit.ts'
import { Lines, lineStartOf } from '../yaml/lines.ts'
import { at, entry, stringAt } from '../yaml/tree.ts'
import { markup } from './markdown.ts'
import { documentSnippets, type Snippet, specSnippets, withoutPlaces } from './snippets.ts'
import { conditionKeys } from './values/conditionKey.ts'
import { serviceHosts, visibilities } from './values/host.ts'
import { httpMethods } from './values/method.ts'
import { policies, services, workloads } from './values/named.ts'
import { ports } from './values/port.ts'
import { namespaces, principals, serviceAccounts, trustDomains } from './values/principal.ts'
import type { OfferedValue } from './values/value.ts'

export interface CompletionOptions {
  /** The client can fill in places of a snippet. */
  readonly snippets: boolean
  /** False where another extension already offers plain fields. */
  readonly fields: boolean
}

/** More than anyone scrolls through; typing narrows the list. */
const most = 500

const nothing: CompletionList = { isIncomplete: false, items: [] }

/** `text` may be half typed in any way; `offset` counts UTF-16 units. */
export function completion(text: string, offset: number, mesh: Mesh, options: CompletionOptions): CompletionList {
  const slot = slotAt(text, offset)
  if (!slot) return nothing
  const range = new Lines(text).range(slot.span)
  // The schema that another extension works by has the kinds of clusters only.
  const fields = options.fields || isPolicyTest(slot.root)
  const here = { slot, range, text, options: { ...options, fields } }
  if (slot.path.length === 0 && slot.expects === 'value') return complete(documentSnippets.map(snippet => snippetItem(snippet, here)))
  const kind = stringAt(slot.root, 'kind')?.value ?? ''
  const apiVersion = stringAt(slot.root, 'apiVersion')?.value ?? ''
  const header = headerValues(slot, apiVersion)
  if (header) return complete(header.map(value => valueItem(value, here)))
  const schema = schemaOf(apiVersion, kind)
  if (!schema) return nothing
  const namespace = stringAt(slot.root, 'metadata', 'namespace')?.value ?? 'default'
  if (slot.path.join('.') === 'metadata.namespace') return values(namespaces(mesh), here)
  const expected = schemaAt(schema, slot.path)
  const { items, isIncomplete } = offers(expected, here, mesh, namespace)
  return { items: [...specItems(kind, here), ...items], isIncomplete }
}

interface Here {
  readonly slot: Slot
  readonly range: Range
  readonly text: string
  readonly options: CompletionOptions
}

function complete(items: readonly CompletionItem[]): CompletionList {
  return { isIncomplete: items.length > most, items: items.slice(0, most) }
}

function offers(expected: Schema | undefined, here: Here, mesh: Mesh, namespace: string): CompletionList {
  if (expected?.type === 'object') return here.options.fields ? complete(fieldItems(expected, here)) : nothing
  if (expected?.type === 'string') return stringOffers(expected, here, mesh, namespace)
  // On the value of a list field: the item is offered as a list of one.
  if (expected?.type === 'list' && expected.items.type === 'string' && here.slot.expects === 'value') {
    const { items, isIncomplete } = stringOffers(expected.items, here, mesh, namespace)
    return { items: items.map(asListItem), isIncomplete }
  }
  return nothing
}

function stringOffers(schema: StringSchema, here: Here, mesh: Mesh, namespace: string): CompletionList {
  if (schema.words) return complete(Object.entries(schema.words).map((word, rank) => wordItem(word, rank, here)))
  return schema.value ? values(offered(schema.value, mesh, namespace), here) : nothing
}

function wordItem([word, text]: readonly [string, string], rank: number, here: Here): CompletionItem {
  return { ...valueItem({ value: word, detail: '', rank }, here), kind: CompletionItemKind.EnumMember, documentation: text }
}

function offered(kind: ValueKind, mesh: Mesh, namespace: string): readonly OfferedValue[] {
  switch (kind) {
    case 'principal':
      return principals(mesh, namespace)
    case 'serviceAccount':
      return serviceAccounts(mesh, namespace)
    case 'namespace':
      return namespaces(mesh)
    case 'method':
      return httpMethods
    case 'conditionKey':
      return conditionKeys
    case 'port':
      return ports(mesh, namespace)
    case 'trustDomain':
      return trustDomains(mesh)
    case 'serviceHost':
      return serviceHosts(mesh, namespace)
    case 'exportTo':
      return [...visibilities, ...namespaces(mesh)]
    case 'workload':
      return workloads(mesh)
    case 'serviceName':
      return services(mesh)
    case 'policyName':
      return policies(mesh)
    case 'cipherSuite':
      return cipherSuites.map((value, rank) => ({ value, detail: 'TLS 1.2 and older, strongest first', rank }))
    default:
      return []
  }
}

function values(all: readonly OfferedValue[], here: Here): CompletionList {
  const typed = here.slot.typed.toLowerCase()
  // Within the limit the client filters; beyond it only what holds the typed text is sent.
  const narrowed = all.length > most
  const { items, isIncomplete } = complete(
    (narrowed ? all.filter(({ value }) => value.toLowerCase().includes(typed)) : all).map(value => valueItem(value, here)),
  )
  return { items, isIncomplete: isIncomplete || narrowed }
}

function valueItem({ value, detail, rank }: OfferedValue, { slot, range }: Here): CompletionItem {
  const newText = slot.quote === '"' ? JSON.stringify(value) : slot.quote === "'" ? singleQuoted(value) : plain(value)
  return {
    label: value,
    kind: CompletionItemKind.Value,
    ...(detail ? { detail } : {}),
    sortText: `${String(rank).padStart(3, '0')}${value}`,
    // What is compared with the typed text must begin as the replaced text does, its quote included.
    filterText: `${slot.quote}${value}`,
    textEdit: { range, newText },
  }
}

function asListItem(item: CompletionItem): CompletionItem {
  return item.textEdit && 'range' in item.textEdit
    ? { ...item, textEdit: { ...item.textEdit, newText: `[${item.textEdit.newText}]` } }
    : item
}

/** The version to write, of each group once. */
const apiVersions: readonly OfferedValue[] = [...new Set(kinds.map(({ group, versions }) => `${group}/${versions[0]}`))].map(
  (value, rank) => ({
    value,
    detail: kinds
      .filter(({ group }) => group === groupOf(value))
      .map(({ kind }) => kind)
      .join(', '),
    rank,
  }),
)

function headerValues(slot: Slot, apiVersion: string): readonly OfferedValue[] | undefined {
  if (slot.path.length !== 1 || slot.expects !== 'value') return undefined
  if (slot.path[0] === 'apiVersion') return apiVersions
  if (slot.path[0] === 'kind')
    return apiVersion === ''
      ? [{ value: testKind, detail: 'policy tests', rank: 0 }]
      : kinds.filter(({ group }) => group === groupOf(apiVersion)).map(({ kind }, rank) => ({ value: kind, detail: apiVersion, rank }))
  return undefined
}

function fieldItems(schema: ObjectSchema, here: Here): readonly CompletionItem[] {
  const { slot, range, text } = here
  const hasColon = text[slot.span.end] === ':'
  const write = inFlow(slot) ? flowBody : fieldBody
  return Object.entries(schema.fields)
    .filter(([name, { readOnly }]) => !slot.siblings.includes(name) && !readOnly)
    .map(([name, field], index) => {
      const body = write(name, field.schema, indentOf(here))
      return {
        label: name,
        kind: CompletionItemKind.Property,
        documentation: markup(describeField(field)),
        sortText: `1${String(index).padStart(2, '0')}`,
        filterText: `${slot.quote}${name}`,
        textEdit: { range, newText: slot.quote ? `${slot.quote}${name}${slot.quote}` : hasColon ? name : body },
        insertTextFormat: InsertTextFormat.PlainText,
      }
    })
}

/** The field with what its value begins with: a new line for a map, a dash for a list. */
function fieldBody(name: string, schema: Schema, indent: string): string {
  if (schema.type === 'object' || schema.type === 'map') return `${name}:\n${indent}  `
  if (schema.type === 'list') return `${name}:\n${indent}  - `
  return `${name}: `
}

function flowBody(name: string, schema: Schema): string {
  if (schema.type === 'object' || schema.type === 'map') return `${name}: {}`
  if (schema.type === 'list') return `${name}: []`
  return `${name}: `
}

/** Between braces or brackets a line break would be read, but nobody writes it. */
function inFlow({ root, path, expects }: Slot): boolean {
  const around = at(root, expects === 'key' ? path : path.slice(0, -1))
  return around !== undefined && around.kind !== 'scalar' && around.flow
}

function indentOf({ text, slot }: Here): string {
  const lineStart = lineStartOf(text, slot.span.start)
  // A dash before the key counts as indentation: `- from:` continues two columns further in.
  return ' '.repeat(slot.span.start - lineStart)
}

function specItems(kind: string, here: Here): readonly CompletionItem[] {
  const { slot } = here
  if (slot.path.join('.') !== 'spec') return []
  const spec = entry(slot.root, 'spec')?.value
  const snippets = Object.hasOwn(specSnippets, kind) ? (specSnippets[kind] ?? []) : []
  return snippets.filter(({ writes }) => !entry(spec, writes)).map(snippet => snippetItem(snippet, here))
}

function snippetItem({ label, detail, body }: Snippet, here: Here): CompletionItem {
  const text = body.join(`\n${indentOf(here)}`)
  const { snippets } = here.options
  return {
    label,
    kind: CompletionItemKind.Snippet,
    detail,
    sortText: `0${label}`,
    textEdit: { range: here.range, newText: snippets ? text : withoutPlaces(text) },
    insertTextFormat: snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    // The indentation is already in the text.
    insertTextMode: 1,
  }
}
