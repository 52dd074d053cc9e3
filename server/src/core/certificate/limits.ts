// How much is read from one input. Real meshes stay far below; a hostile file cannot make the reader slow.

/** A full `config_dump` of a large mesh has some 50 MB. */
export const maxInputBytes = 64 * 1024 * 1024

/** Different certificates of one input; repeated ones count once. Decoding one takes 1 to 3 ms. */
export const maxCertificates = 1000

/** Signatures checked while one path is looked for. A usual path needs two or three. */
export const maxSignatureChecks = 200
