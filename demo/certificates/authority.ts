// The mesh's certificate authority, made new at each start so that nothing in the demo is ever stale.
// Private keys stay inside this file; what leaves it are certificates, and the API server's own key for its TLS socket.
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

x509.cryptoProvider.set(webcrypto)

/** A certificate with the certificates sent behind it, leaf first. */
export interface Chain {
  readonly pems: readonly string[]
  /** Lower-case hex, an even number of digits, of the leaf. */
  readonly serial: string
  readonly notBefore: Date
  readonly notAfter: Date
  readonly names: readonly SubjectName[]
}

export interface SubjectName {
  readonly type: 'uri' | 'dns'
  readonly value: string
}

export interface WorkloadRequest {
  /** `spiffe://cluster.local/ns/shop/sa/frontend`. */
  readonly identity: string
  /** From the root before, which signs workloads itself: of a pod that was not restarted since the CA was replaced. */
  readonly before?: boolean
  /** Envoy sidecars ask with RSA 2048 by default, ztunnel with EC P-256. */
  readonly key: 'RSA' | 'EC'
  readonly issuedAt: Date
}

export interface Authority {
  /** What `istio-ca-root-cert` and every proxy's ROOTCA hold: the mesh's root, then the one before, which istiod made itself and which ends soon. */
  readonly root: Chain
  /** The root that signs what the ingress gateway shows to browsers. */
  readonly webRoot: Chain
  /** A workload certificate as istiod issues it: 24 h, backdated by 2 minutes, leaf · intermediate · root; from the root before, leaf · root. */
  issueWorkload(request: WorkloadRequest): Promise<Chain>
  /** A certificate for a public host name: 90 days, leaf · root. */
  issueWeb(host: string, issuedAt: Date): Promise<Chain>
}

const minute = 60_000
const day = 24 * 60 * minute
const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 }
const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

interface Signer {
  readonly chain: Chain
  readonly keys: webcrypto.CryptoKeyPair
  readonly subject: string
}

export async function createAuthority(now: Date): Promise<Authority> {
  // One key for all RSA leaves: generating a key for each pod would be most of the start-up time, and no reader of a dump can tell.
  const [rootKeys, intermediateKeys, rsaLeafKeys, beforeKeys] = await Promise.all([
    generate(rsa),
    generate(rsa),
    generate(rsa),
    generate(rsa),
  ])
  const root = await selfSign('O=Istio, CN=Root CA', rootKeys, new Date(now.getTime() - 30 * day), 3650)
  const before = await selfSign('O=cluster.local', beforeKeys, new Date(now.getTime() - 3629 * day), 3650)
  const intermediate = await signIntermediate(root, intermediateKeys, now)
  const web = await selfSign('O=Example, CN=Example Web Root', await generate(ec), new Date(now.getTime() - 200 * day), 3650)

  return {
    root: { ...root.chain, pems: [...root.chain.pems, ...before.chain.pems] },
    webRoot: web.chain,
    async issueWorkload({ identity, key, issuedAt, before: isOld = false }) {
      const { publicKey } = key === 'RSA' ? rsaLeafKeys : await generate(ec)
      return sign(isOld ? before : intermediate, {
        subject: '',
        publicKey,
        names: [{ type: 'uri', value: identity }],
        notBefore: new Date(issuedAt.getTime() - 2 * minute),
        notAfter: new Date(issuedAt.getTime() + day),
        usages: [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth],
      })
    },
    async issueWeb(host, issuedAt) {
      const { publicKey } = await generate(ec)
      return sign(web, {
        subject: `CN=${host}`,
        publicKey,
        names: [{ type: 'dns', value: host }],
        notBefore: issuedAt,
        notAfter: new Date(issuedAt.getTime() + 90 * day),
        usages: [x509.ExtendedKeyUsage.serverAuth],
      })
    },
  }
}

/** The API server's own root, certificate and key: another authority than the mesh's, as in a real cluster. */
export async function createApiServerCertificate(
  now: Date,
): Promise<{ readonly ca: string; readonly certificate: string; readonly key: string }> {
  const ca = await selfSign('CN=kubernetes', await generate(ec), new Date(now.getTime() - 5 * minute), 3650)
  const keys = await generate(ec)
  const chain = await sign(ca, {
    subject: 'CN=kube-apiserver',
    publicKey: keys.publicKey,
    names: [{ type: 'dns', value: 'localhost' }],
    addresses: ['127.0.0.1'],
    notBefore: new Date(now.getTime() - 5 * minute),
    notAfter: new Date(now.getTime() + 365 * day),
    usages: [x509.ExtendedKeyUsage.serverAuth],
  })
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { ca: ca.chain.pems.join('\n'), certificate: chain.pems.join('\n'), key }
}

const generate = async (algorithm: typeof rsa | typeof ec): Promise<webcrypto.CryptoKeyPair> =>
  (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair

async function selfSign(subject: string, keys: webcrypto.CryptoKeyPair, notBefore: Date, days: number): Promise<Signer> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    serialNumber: newSerial(),
    notBefore: wholeSeconds(notBefore),
    notAfter: wholeSeconds(new Date(notBefore.getTime() + days * day)),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.BasicConstraintsExtension(true, undefined, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { chain: chainOf(certificate, [], []), keys, subject }
}

async function signIntermediate(root: Signer, keys: webcrypto.CryptoKeyPair, now: Date): Promise<Signer> {
  const subject = 'O=Istio, CN=Intermediate CA'
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: root.keys.privateKey,
    serialNumber: newSerial(),
    notBefore: wholeSeconds(new Date(now.getTime() - 30 * day)),
    notAfter: wholeSeconds(new Date(now.getTime() + 700 * day)),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.BasicConstraintsExtension(true, 0, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(root.keys.publicKey),
    ],
  })
  return { chain: chainOf(certificate, root.chain.pems, []), keys, subject }
}

interface Leaf {
  readonly subject: string
  readonly publicKey: webcrypto.CryptoKey
  readonly names: readonly SubjectName[]
  readonly addresses?: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  readonly usages: readonly x509.ExtendedKeyUsage[]
}

// Extensions, their order and their critical flags follow istio/istio security/pkg/pki/util/generate_cert.go.
async function sign(signer: Signer, leaf: Leaf): Promise<Chain> {
  const names = leaf.names.map(({ type, value }) => ({ type: type === 'uri' ? ('url' as const) : type, value }))
  const addresses = (leaf.addresses ?? []).map(value => ({ type: 'ip' as const, value }))
  const certificate = await x509.X509CertificateGenerator.create({
    ...(leaf.subject !== '' && { subject: leaf.subject }),
    issuer: signer.subject,
    publicKey: leaf.publicKey,
    signingKey: signer.keys.privateKey,
    serialNumber: newSerial(),
    notBefore: wholeSeconds(leaf.notBefore),
    notAfter: wholeSeconds(leaf.notAfter),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([...leaf.usages]),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(signer.keys.publicKey),
      new x509.SubjectAlternativeNameExtension([...names, ...addresses], leaf.subject === ''),
    ],
  })
  return chainOf(certificate, signer.chain.pems, leaf.names)
}

function chainOf(leaf: x509.X509Certificate, behind: readonly string[], names: readonly SubjectName[]): Chain {
  const { serialNumber, notBefore, notAfter } = leaf
  return { pems: [leaf.toString('pem'), ...behind], serial: serialNumber, notBefore, notAfter, names }
}

// 16 bytes; the first is between 0x10 and 0x4f, so the number is positive and no leading zero byte is lost.
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = 0x10 + ((bytes[0] ?? 0) & 0x3f)
  return bytes.toString('hex')
}

const wholeSeconds = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000)
