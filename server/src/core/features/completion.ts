// What can be written here: fields, words, and the names that really exist.
import { type CompletionItem, CompletionItemKind, type CompletionList, InsertTextFormat, type Range } from 'vscode-languageserver-types'
import { schemaAt, schemaOf, kindNames } from '../istio/schema/index.ts'
import type { ObjectSchema, Schema, StringSchema, ValueKind } from '../istio/schema/schema.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { slotAt, type Slot } from '../yaml/cursor.ts'
import { plain } from '../yaml/edit.ts'
import { Lines } from '../yaml/lines.ts'
import { entry, stringAt } from '../yaml/tree.ts'
import { markup } from './markdown.ts'
import { documentSnippets, specSnippets, withoutPlaces, type Snippet } from './snippets.ts'
import { conditionKeys } from './values/conditionKey.ts'
import { httpMethods } from './values/method.ts'
import { ports } from './values/port.ts'
import { namespaces, principals, serviceAccounts } from './values/principal.ts'
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
  const here = { slot, range, text, options }
  if (slot.path.length === 0 && slot.expects === 'value') return complete(documentSnippets.map(snippet => snippetItem(snippet, here, 'a')))
  const kind = stringAt(slot.root, 'kind')?.value ?? ''
  const apiVersion = stringAt(slot.root, 'apiVersion')?.value ?? ''
  const header = headerValues(slot, apiVersion)
  if (header) return complete(header.map(value => valueItem(value, here)))
  const schema = schemaOf(apiVersion, kind)
  if (!schema) return nothing
  const namespace = stringAt(slot.root, 'metadata', 'namespace')?.value ?? 'default'
  if (slot.path.join('.') === 'metadata.namespace') return values(namespaces(mesh), here)
  const expected = schemaAt(schema, slot.path)
  return complete([...specItems(kind, here), ...items(expected, here, mesh, namespace)])
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

function items(expected: Schema | undefined, here: Here, mesh: Mesh, namespace: string): readonly CompletionItem[] {
  if (expected?.type === 'object') return here.options.fields ? fieldItems(expected, here) : []
  if (expected?.type === 'string') return stringItems(expected, here, mesh, namespace)
  // On the value of a list field: the item is offered as a list of one.
  if (expected?.type === 'list' && expected.items.type === 'string' && here.slot.expects === 'value') {
    return stringItems(expected.items, here, mesh, namespace).map(asListItem)
  }
  return []
}

function stringItems(schema: StringSchema, here: Here, mesh: Mesh, namespace: string): readonly CompletionItem[] {
  if (schema.words) return Object.entries(schema.words).map(([word, text], rank) => ({ ...valueItem({ value: word, detail: '', rank }, here), kind: CompletionItemKind.EnumMember, documentation: text }))
  return schema.value ? values(offered(schema.value, mesh, namespace), here).items : []
}

function offered(kind: ValueKind, mesh: Mesh, namespace: string): readonly OfferedValue[] {
  switch (kind) {
    case 'principal':
      return principals(mesh)
    case 'serviceAccount':
      return serviceAccounts(mesh)
    case 'namespace':
      return namespaces(mesh)
    case 'method':
      return httpMethods
    case 'conditionKey':
      return conditionKeys
    case 'port':
      return ports(mesh, namespace)
    default:
      return []
  }
}

function values(all: readonly OfferedValue[], here: Here): CompletionList {
  const typed = here.slot.typed.toLowerCase()
  // Within the limit the client filters; beyond it only what holds the typed text is sent.
  const kept = all.length > most ? all.filter(({ value }) => value.toLowerCase().includes(typed)) : all
  return complete(kept.map(value => valueItem(value, here)))
}

function valueItem({ value, detail, rank }: OfferedValue, { slot, range }: Here): CompletionItem {
  const newText = slot.quote === '"' ? JSON.stringify(value) : slot.quote === "'" ? `'${value.replaceAll("'", "''")}'` : plain(value)
  return {
    label: value,
    kind: CompletionItemKind.Value,
    ...(detail ? { detail } : {}),
    sortText: `${rank}${value}`,
    // What is compared with the typed text must begin as the replaced text does, its quote included.
    filterText: `${slot.quote}${value}`,
    textEdit: { range, newText },
  }
}

function asListItem(item: CompletionItem): CompletionItem {
  return item.textEdit && 'range' in item.textEdit ? { ...item, textEdit: { ...item.textEdit, newText: `[${item.textEdit.newText}]` } } : item
}

function headerValues(slot: Slot, apiVersion: string): readonly OfferedValue[] | undefined {
  if (slot.path.length !== 1 || slot.expects !== 'value') return undefined
  if (slot.path[0] === 'apiVersion') return [{ value: 'security.istio.io/v1', detail: 'Istio security policies', rank: 0 }]
  if (slot.path[0] === 'kind' && apiVersion.startsWith('security.istio.io/')) return kindNames.map((value, rank) => ({ value, detail: apiVersion, rank }))
  return undefined
}

function fieldItems(schema: ObjectSchema, here: Here): readonly CompletionItem[] {
  const { slot, range, options } = here
  return Object.entries(schema.fields)
    .filter(([name]) => !slot.siblings.includes(name) && name !== 'status')
    .map(([name, { schema: value, text }], index) => {
      const body = fieldBody(name, value, indentOf(here))
      return {
        label: name,
        kind: CompletionItemKind.Property,
        documentation: markup(text),
        sortText: `1${String(index).padStart(2, '0')}`,
        filterText: `${slot.quote}${name}`,
        textEdit: { range, newText: slot.quote ? `${slot.quote}${name}${slot.quote}` : body },
        insertTextFormat: InsertTextFormat.PlainText,
        ...(options.snippets ? {} : {}),
      }
    })
}

/** The field with what its value begins with: a new line for a map, a dash for a list. */
function fieldBody(name: string, schema: Schema, indent: string): string {
  if (schema.type === 'object' || schema.type === 'map') return `${name}:\n${indent}  `
  if (schema.type === 'list') return `${name}:\n${indent}  - `
  return `${name}: `
}

function indentOf({ text, slot }: Here): string {
  const lineStart = text.lastIndexOf('\n', slot.span.start - 1) + 1
  // A dash before the key counts as indentation: `- from:` continues two columns further in.
  return ' '.repeat(slot.span.start - lineStart)
}

function specItems(kind: string, here: Here): readonly CompletionItem[] {
  const { slot } = here
  if (slot.path.join('.') !== 'spec') return []
  const spec = entry(slot.root, 'spec')?.value
  return (specSnippets[kind] ?? []).filter(({ writes }) => !entry(spec, writes)).map(snippet => snippetItem(snippet, here, 'a'))
}

function snippetItem({ label, detail, body }: Snippet, here: Here, rank: string): CompletionItem {
  const text = body.join(`\n${indentOf(here)}`)
  const { snippets } = here.options
  return {
    label,
    kind: CompletionItemKind.Snippet,
    detail,
    sortText: `${rank}${label}`,
    textEdit: { range: here.range, newText: snippets ? text : withoutPlaces(text) },
    insertTextFormat: snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    // The indentation is already in the text.
    insertTextMode: 1,
  }
}
