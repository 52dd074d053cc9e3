// How much is read from one input. Real meshes stay far below; a hostile file cannot make the reader slow.

/** A full `config_dump` of a large mesh has some 50 MB. */
export const maxInputBytes = 64 * 1024 * 1024

/** Different certificates of one input; repeated ones count once. Decoding one takes 1 to 2 ms. */
export const maxCertificates = 1000

/** Certificates that an answer lists, repeated ones counted. */
export const maxListed = 5000

/** DER of all certificates of one input together: real ones have 1 to 2 kB each. */
export const maxDecodedBytes = 4 * 1024 * 1024

/** Signatures checked while one path is looked for. A usual path needs two or three. */
export const maxSignatureChecks = 200

/** DER of one certificate. With hundreds of names one has some 20 kB. */
export const maxCertificateBytes = 256 * 1024

/** ASN.1 values in one certificate, at some 10 µs and 1 kB of memory each: a usual one has 100, and one more for each name. */
export const maxCertificateValues = 5_000

/** ASN.1 values in one PKCS#7 bundle or revocation list: 300 certificates, or 9 000 entries. */
export const maxBundleValues = 30_000

/** Blocks of one PEM text, certificates or not. */
export const maxBlocks = 10_000

/**
 * DER of the PKCS#7 bundles and revocation lists of one input together: all CAs of a cloud have less than 200 kB.
 * Nonsense packed with values takes 0.3 s for this much.
 */
export const maxBundleBytes = 256 * 1024

/** DER of what stands in the place of certificates and is none, after which the rest is left out. */
export const maxDamagedBytes = 256 * 1024
