// Distinguished names as RFC 4514 strings, the form of openssl's -nameopt RFC2253: last RDN first, UTF-8 kept.
import type { Name } from '@peculiar/x509'

/** `CN=Test Root CA,O=Test Mesh`; `""` for an empty name. Attribute types without a short name are dotted OIDs. */
export function distinguishedName(name: Name): string {
  return name
    .toJSON()
    .map(rdn =>
      Object.entries(rdn)
        .flatMap(([type, values]) => values.map(value => `${type}=${escaped(value)}`))
        .join('+'),
    )
    .reverse()
    .join(',')
}

function escaped(value: string): string {
  return value
    .replace(/[\\"+,;<>]/g, '\\$&')
    .replace(/^[ #]|(?<!^) $/, '\\$&')
    .replaceAll('\0', '\\00')
}
