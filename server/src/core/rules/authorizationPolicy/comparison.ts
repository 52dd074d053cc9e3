import { condition } from '../../istio/schema/authorizationPolicy.ts'
import type { ValueKind } from '../../istio/schema/schema.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { type Located, stringAt } from '../../yaml/tree.ts'

/** What a value is compared with. */
export type Subject =
  | Extract<ValueKind, 'principal' | 'requestPrincipal' | 'namespace' | 'serviceAccount' | 'trustDomain' | 'host' | 'method' | 'path'>
  | 'header'
  | 'claim'
  | 'serverName'

const attributes: Readonly<Record<string, Subject>> = {
  'source.principal': 'principal',
  'source.namespace': 'namespace',
  'source.serviceAccount': 'serviceAccount',
  'source.trustDomain': 'trustDomain',
  'request.auth.principal': 'requestPrincipal',
  'request.auth.audiences': 'claim',
  'request.auth.presenter': 'claim',
  'connection.sni': 'serverName',
}

/** For `of` of a rule that reads them all. */
export const compared = [
  'principal',
  'requestPrincipal',
  'namespace',
  'serviceAccount',
  'trustDomain',
  'host',
  'method',
  'path',
  condition,
] as const

export interface Comparison {
  readonly subject: Subject
  readonly written: Located<string>
}

/** The value visited or the values of a condition, each with what it is compared with. Neither empty ones nor placeholders. */
export function comparisonsIn({ schema, node, fields }: Visit): readonly Comparison[] {
  const subject = schema === condition ? subjectOf(fields.text('key')?.value) : valueKind(schema)
  if (!subject) return []
  const values =
    schema === condition ? [...fields.texts('values'), ...fields.texts('notValues')] : [stringAt(node)].flatMap(each => each ?? [])
  return values.filter(({ value }) => value !== '' && !isPlaceholder(value)).map(written => ({ subject, written }))
}

function subjectOf(key = ''): Subject | undefined {
  if (key.startsWith('request.headers[')) return 'header'
  if (key.startsWith('request.auth.claims[')) return 'claim'
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined
}

function valueKind(schema: Visit['schema']): Subject | undefined {
  const value = schema.type === 'string' ? schema.value : undefined
  return subjects.find(each => each === value)
}

const subjects: readonly Subject[] = [
  'principal',
  'requestPrincipal',
  'namespace',
  'serviceAccount',
  'trustDomain',
  'host',
  'method',
  'path',
]
