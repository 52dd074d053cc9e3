// Distinguished names as RFC 4514 strings, letter for letter those of `openssl -nameopt RFC2253,-esc_msb`: last RDN first, UTF-8 kept.
import { AsnConvert } from '@peculiar/asn1-schema'
import type { AttributeTypeAndValue, AttributeValue, Name } from '@peculiar/asn1-x509'
import { BaseStringBlock } from 'asn1js'
import { hexOf, values } from './asn1.ts'

/** `CN=Test Root CA,O=Test Mesh`; `""` for an empty name. An attribute whose type has no short name is `1.2.3=#…`, its value as DER in hex. */
export function distinguishedName(name: Name): string {
  return name
    .toReversed()
    .map(rdn => rdn.toReversed().map(attribute).join('+'))
    .join(',')
}

function attribute({ type, value }: AttributeTypeAndValue): string {
  const name = attributeNames.get(type)
  const text = name === undefined ? undefined : textOf(value)
  return `${name ?? type}=${text === undefined ? `#${hexOf(AsnConvert.serialize(value)).toUpperCase()}` : escaped(text)}`
}

function escaped(value: string): string {
  return value
    .replace(/[\\"+,;<>]/g, '\\$&')
    .replace(/^[ #]|(?<!^) $/g, '\\$&')
    .replace(/[\u0000-\u001f\u007f]/g, character => `\\${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

/** Undefined for what is no character string. */
function textOf(value: AttributeValue): string | undefined {
  if (value.anyValue === undefined) return value.toString()
  // Strings of kinds that RFC 5280 does not name, such as NumericString.
  const held = values(value.anyValue)
  return held instanceof BaseStringBlock ? held.getValue() : undefined
}

/** openssl's short names (crypto/objects/objects.txt). */
const attributeNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.13', 'description'],
  ['2.5.4.15', 'businessCategory'],
  ['2.5.4.16', 'postalAddress'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.18', 'postOfficeBox'],
  ['2.5.4.20', 'telephoneNumber'],
  ['2.5.4.41', 'name'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.43', 'initials'],
  ['2.5.4.44', 'generationQualifier'],
  ['2.5.4.45', 'x500UniqueIdentifier'],
  ['2.5.4.46', 'dnQualifier'],
  ['2.5.4.65', 'pseudonym'],
  ['2.5.4.72', 'role'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
  ['1.2.840.113549.1.9.2', 'unstructuredName'],
  ['1.2.840.113549.1.9.8', 'unstructuredAddress'],
  ['1.3.6.1.4.1.311.60.2.1.1', 'jurisdictionL'],
  ['1.3.6.1.4.1.311.60.2.1.2', 'jurisdictionST'],
  ['1.3.6.1.4.1.311.60.2.1.3', 'jurisdictionC'],
])
