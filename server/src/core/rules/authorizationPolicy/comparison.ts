import { condition } from '../../istio/schema/authorizationPolicy.ts'
import type { ValueKind } from '../../istio/schema/schema.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import type { Located } from '../../yaml/tree.ts'
import { comparedValues } from './values.ts'

/** What the fields of a source or an operation are compared with. */
const ofFields = [
  'principal',
  'requestPrincipal',
  'namespace',
  'serviceAccount',
  'trustDomain',
  'host',
  'method',
  'path',
] as const satisfies readonly ValueKind[]

/** What a value is compared with. */
export type Subject = (typeof ofFields)[number] | 'header' | 'claim' | 'serverName'

/** For `of` of a rule that reads them all. */
export const compared = [...ofFields, condition] as const

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

export interface Comparison {
  readonly subject: Subject
  readonly written: Located<string>
}

/** The value visited or the values of a condition, each with what it is compared with. Neither empty ones nor placeholders. */
export function comparisonsIn(visit: Visit): readonly Comparison[] {
  const key = visit.fields.text('key')?.value ?? ''
  const subject = visit.schema === condition ? ofAttribute(key) : ofField(visit.schema)
  return subject ? comparedValues(visit, key).map(written => ({ subject, written })) : []
}

function ofAttribute(key: string): Subject | undefined {
  if (key.startsWith('request.headers[')) return 'header'
  if (key.startsWith('request.auth.claims[')) return 'claim'
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined
}

/** Elsewhere such names may be empty, and are not compared. */
function ofField(schema: Visit['schema']): Subject | undefined {
  const value = schema.type === 'string' && schema.nonEmpty ? schema.value : undefined
  return ofFields.find(each => each === value)
}
