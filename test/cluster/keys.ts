// Keys and certificates, made by openssl at every start: none is ever stored, and none was written by the library that the product reads them with.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const openssl = (args: readonly string[]) => run('openssl', args)

/** Paths of two PEM files. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

export interface Request {
  /** openssl's form, such as `/O=system:masters/CN=admin`; `/` is the empty subject. */
  readonly subject: string
  /** openssl's form, such as `critical,URI:spiffe://cluster.local/ns/shop/sa/frontend`. */
  readonly san?: string
  readonly usage: 'serverAuth' | 'clientAuth' | 'serverAuth,clientAuth'
}

/** Makes certificates and keys in one folder. */
export class Keys {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** A certificate authority: self-signed, or signed by `parent`. */
  authority(name: string, subject: string, parent?: KeyPair): Promise<KeyPair> {
    const usage = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
    return this.#certificate(name, subject, 3650, usage, parent)
  }

  /** A certificate for one day, as a workload's or a server's. */
  issue(name: string, { subject, san, usage }: Request, by: KeyPair): Promise<KeyPair> {
    const extensions = [
      'basicConstraints=critical,CA:FALSE',
      'keyUsage=critical,digitalSignature,keyEncipherment',
      `extendedKeyUsage=${usage}`,
    ]
    if (san !== undefined) extensions.push(`subjectAltName=${san}`)
    return this.#certificate(name, subject, 1, extensions, by)
  }

  /** The key pair that signs service account tokens. */
  async signer(name: string): Promise<{ readonly publicKey: string; readonly key: string }> {
    const [key, publicKey] = [join(this.#folder, `${name}.key`), join(this.#folder, `${name}.pub`)]
    await openssl(['genrsa', '-out', key, '2048'])
    await openssl(['rsa', '-in', key, '-pubout', '-out', publicKey])
    return { key, publicKey }
  }

  async #certificate(name: string, subject: string, days: number, extensions: readonly string[], parent?: KeyPair): Promise<KeyPair> {
    const [certificate, key, config] = ['crt', 'key', 'cnf'].map(ending => join(this.#folder, `${name}.${ending}`)) as [
      string,
      string,
      string,
    ]
    // The system's openssl.cnf would add extensions of its own.
    await writeFile(config, '[req]\ndistinguished_name = subject\n[subject]\n')
    const make = ['req', '-x509', '-config', config, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-subj', subject]
    const identifiers = ['subjectKeyIdentifier=hash', ...(parent ? ['authorityKeyIdentifier=keyid'] : [])]
    const added = [...extensions, ...identifiers].flatMap(extension => ['-addext', extension])
    const signed = parent ? ['-CA', parent.certificate, '-CAkey', parent.key] : []
    await openssl([...make, ...added, ...signed, '-days', String(days), '-out', certificate, '-keyout', key])
    return { certificate, key }
  }
}

/** The PEM texts of several files, one behind the other. */
export async function pem(...files: readonly string[]): Promise<string> {
  return (await Promise.all(files.map(file => readFile(file, 'utf8')))).join('')
}
