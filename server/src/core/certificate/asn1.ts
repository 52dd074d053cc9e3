// DER and BER to the structures of X.509: always by the libraries under @peculiar/x509, and never more at once than a process can bear.
import { AsnConvert } from '@peculiar/asn1-schema'
import { type AsnType, fromBER } from 'asn1js'
import { maxBundleValues, maxCertificateValues } from './limits.ts'

/** What is read: one certificate or a part of it, or a list of many. */
export type Extent = 'certificate' | 'bundle'

const bounds: Readonly<Record<Extent, { readonly maxNodes: number; readonly parseEmbedded: false }>> = {
  certificate: { maxNodes: maxCertificateValues, parseEmbedded: false },
  bundle: { maxNodes: maxBundleValues, parseEmbedded: false },
}

/** Throws where the bytes are no such structure. */
export function structure<T>(bytes: Uint8Array | ArrayBuffer, type: new () => T, extent: Extent = 'certificate'): T {
  return AsnConvert.parse(bytes, type, { berOptions: bounds[extent] })
}

/** The values as they are nested, of whatever structure. Throws where the bytes are none. */
export function values(bytes: Uint8Array | ArrayBuffer, extent: Extent = 'certificate'): AsnType {
  const { offset, result } = fromBER(bytes, bounds[extent])
  if (offset === -1) throw new TypeError(result.error)
  return result
}

/** Throws for a time that the library could not read, which it gives as year 0, month 0. */
export function checkedTime(time: Date): Date {
  if (time.getTime() === unreadTime) throw new RangeError('no time')
  return time
}

const unreadTime = Date.UTC(0, -1, 0)

export function hexOf(bytes: Uint8Array | ArrayBuffer): string {
  return Buffer.from(new Uint8Array(bytes)).toString('hex')
}
