// What openssl says of certificates, in the words of a report.
import { execFileSync, spawnSync } from 'node:child_process'

/** Whether openssl is installed; under CI it has to be. */
export function hasOpenssl(): boolean {
  const found = spawnSync('openssl', ['version']).status === 0
  if (!found && process.env.CI) throw new Error('CI needs openssl')
  return found
}

export interface Facts {
  readonly subject: string
  readonly issuer: string
  readonly serial: string
  readonly notBefore: string
  readonly notAfter: string
  readonly sha256: string
  readonly text: string
}

/** Names as RFC 4514, UTF-8 kept. `undefined` where it is no certificate for openssl. */
export function opensslFacts(pem: string): Facts | undefined {
  const names = ['-nameopt', 'RFC2253,-esc_msb']
  const shown = ['-subject', '-issuer', '-serial', '-startdate', '-enddate', '-dateopt', 'iso_8601', '-fingerprint', '-sha256', '-text']
  const { status, stdout } = spawnSync('openssl', ['x509', '-noout', ...names, ...shown], { input: pem, encoding: 'utf8' })
  if (status !== 0) return undefined
  const line = (name: string) => new RegExp(`^${name}=(.*)$`, 'im').exec(stdout)?.[1] ?? ''
  const time = (name: string) => line(name).replace(' ', 'T')
  return {
    subject: line('subject'),
    issuer: line('issuer'),
    serial: line('serial').toLowerCase(),
    notBefore: time('notBefore'),
    notAfter: time('notAfter'),
    sha256: line('sha256 Fingerprint').toLowerCase().replaceAll(':', ''),
    text: stdout,
  }
}

/** `X509v3 <name>:` of openssl's text, with whether it is critical. */
export function extensionIn({ text }: Facts, name: string): { readonly critical: boolean; readonly value: string } | undefined {
  const found = new RegExp(`X509v3 ${name}: ?(critical)?\\s*\\n\\s+([^\\n]*)\\n`).exec(text)
  return found ? { critical: found[1] !== undefined, value: found[2]?.trim() ?? '' } : undefined
}

/** `OK`, or the numbers of the errors of `openssl verify`. */
export function opensslVerify(
  files: { readonly roots: string; readonly others?: string; readonly leaf: string },
  at: Date,
): 'OK' | readonly number[] {
  const untrusted = files.others === undefined ? [] : ['-untrusted', files.others]
  const when = ['-purpose', 'sslserver', '-attime', `${Math.floor(at.getTime() / 1000)}`]
  const options = { encoding: 'utf8', stdio: 'pipe' } as const
  try {
    execFileSync('openssl', ['verify', '-no-CApath', '-no-CAstore', '-CAfile', files.roots, ...untrusted, ...when, files.leaf], options)
    return 'OK'
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? `${error.stderr}` : ''
    return [...said.matchAll(/error (\d+) at/g)].map(([, code]) => Number(code))
  }
}
