// Revocation lists (CRL): whose, how many entries, until when. Source: RFC 5280 §5.1.
import 'reflect-metadata'
import { CertificateList } from '@peculiar/asn1-x509'
import * as x509 from '@peculiar/x509'
import { checkedTime, structure } from './asn1.ts'
import { rfc3339 } from './lifetime.ts'
import { maxBundleBytes } from './limits.ts'
import { distinguishedName } from './name.ts'

export interface RevocationList {
  /** RFC 4514. */
  readonly issuer: string
  /** Certificates that it revokes. */
  readonly entries: number
  /** RFC 3339. */
  readonly thisUpdate: string
  /** When the next one is due; absent where it does not say. RFC 3339. */
  readonly nextUpdate?: string
}

/** Undefined where the bytes are no revocation list, or more than `maxBundleBytes`. Never throws. */
export function readRevocationList(der: Uint8Array): RevocationList | undefined {
  if (der.length > maxBundleBytes) return undefined
  try {
    const asn = structure(der, CertificateList, 'bundle')
    const { thisUpdate, nextUpdate } = new x509.X509Crl(asn)
    return {
      issuer: distinguishedName(asn.tbsCertList.issuer),
      entries: asn.tbsCertList.revokedCertificates?.length ?? 0,
      thisUpdate: rfc3339(checkedTime(thisUpdate)),
      ...(nextUpdate === undefined ? {} : { nextUpdate: rfc3339(checkedTime(nextUpdate)) }),
    }
  } catch {
    return undefined
  }
}
