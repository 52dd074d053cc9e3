// Keeps credentials out of every sentence: what a kubeconfig holds is replaced wherever it turns up in an error or a log line.

export type Redact = (text: string) => string

const shapes: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\bBearer\s+\S+/gi,
  /\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g,
  // A URL with a user and password in it.
  /(?<=\/\/)[^/@\s]+(?=@)/g,
]

/** A function that blanks the given secrets and everything that looks like one. Short secrets are left to the shapes: they would blank ordinary words. */
export function redactorOf(secrets: Iterable<string>): Redact {
  const known = [...new Set(secrets)].filter(secret => secret.length >= 6).sort((a, b) => b.length - a.length)
  return text => {
    const blanked = known.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
    return shapes.reduce((rest, shape) => rest.replace(shape, '[redacted]'), blanked)
  }
}

/** The address without user and password. */
export function withoutUserInfo(url: string): string {
  return url.replace(/(?<=\/\/)[^/@\s]+@/, '')
}
