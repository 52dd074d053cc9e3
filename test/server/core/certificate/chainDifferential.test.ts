// Chains at random, most of them broken somewhere: the same verdict as `openssl verify`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { findPath, pathFlaws } from '../../../../server/src/core/certificate/chain.ts'
import { lifetimeState } from '../../../../server/src/core/certificate/lifetime.ts'
import { certificateReader } from '../../../../server/src/core/certificate/read.ts'
import { extensions, issue, keyPair, type MadeExtension, type MadeName, pem } from './made/issue.ts'
import { hasOpenssl, opensslVerify } from './made/openssl.ts'

const flaws = [
  'fine',
  'no CA',
  'may not sign',
  'no key usage',
  'path length 0',
  'path length 1',
  'for code only',
  'for TLS only',
  'expired',
  'not yet valid',
  'signed by another',
  'left out',
  'other key id',
  'no key ids',
  'critical and unknown',
] as const

type Flaw = (typeof flaws)[number]

const now = new Date('2026-11-21T12:00:00Z')
const day = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'chain-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Leaf first, root last. */
const broken = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constant<Flaw>('fine') }, { weight: 2, arbitrary: fc.constantFrom(...flaws) }), {
    minLength: 2,
    maxLength: 5,
  })
  .chain(chain =>
    fc.record({
      chain: fc.constant(chain),
      trusted: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
      order: fc.nat(),
    }),
  )

function made(chain: readonly Flaw[]): readonly { readonly flaw: Flaw; readonly pem: string }[] {
  const last = chain.length - 1
  return chain.map((flaw, at) => {
    const issuer = Math.min(at + 1, last)
    const signer = flaw === 'signed by another' ? 9 : issuer
    const der = issue({
      subject: name(at),
      issuer: name(issuer),
      serial: BigInt(at + 1),
      notBefore: new Date(now.getTime() + (flaw === 'not yet valid' ? day : -2 * day)),
      notAfter: new Date(now.getTime() + (flaw === 'expired' ? -day : 10 * day)),
      key: keyPair('EC P-256', at).publicKey,
      signer: { kind: 'EC P-256', key: keyPair('EC P-256', signer).privateKey },
      extensions: [...(at === 0 ? leafExtensions(flaw) : authorityExtensions(flaw)), ...keyIds(flaw, at, issuer)],
    })
    return { flaw, pem: pem(der) }
  })
}

function name(at: number): MadeName {
  return [[{ type: '2.5.4.3', string: 'utf8', text: `CA ${at}` }]]
}

function keyIds(flaw: Flaw, at: number, issuer: number): readonly MadeExtension[] {
  if (flaw === 'no key ids') return []
  const id = (of: number) => new Uint8Array(20).fill(of + 1)
  return [extensions.subjectKeyId(id(at)), extensions.authorityKeyId(id(flaw === 'other key id' && at !== issuer ? 77 : issuer))]
}

const unknown: MadeExtension = { oid: '1.3.6.1.4.1.99999.9', critical: true, value: new Uint8Array([5, 0]) }

function leafExtensions(flaw: Flaw): readonly MadeExtension[] {
  return [
    extensions.san([{ type: 'uri', text: 'spiffe://cluster.local/ns/shop/sa/a' }], true),
    extensions.basicConstraints(false),
    extensions.keyUsage([0, 2]),
    ...(flaw === 'critical and unknown' ? [unknown] : []),
  ]
}

function authorityExtensions(flaw: Flaw): readonly MadeExtension[] {
  const lengths: { readonly [flaw: string]: number } = { 'path length 0': 0, 'path length 1': 1 }
  return [
    extensions.basicConstraints(flaw !== 'no CA', lengths[flaw]),
    ...(flaw === 'no key usage' ? [] : [extensions.keyUsage(flaw === 'may not sign' ? [6] : [5, 6])]),
    ...(flaw === 'for code only' ? [extensions.extendedKeyUsage(['1.3.6.1.5.5.7.3.3'])] : []),
    ...(flaw === 'for TLS only' ? [extensions.extendedKeyUsage(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])] : []),
    ...(flaw === 'critical and unknown' ? [unknown] : []),
  ]
}

function ourVerdict(leaf: string, others: readonly string[], roots: string): readonly string[] {
  const reader = certificateReader()
  const [first] = reader.pem(leaf, '').certificates
  if (first === undefined) throw new Error('not read')
  const at = now.toISOString()
  const { end, certificates } = findPath(first, reader.pem(others.join(''), '').certificates, reader.pem(roots, '').certificates, at)
  return [
    ...(end === 'trusted' ? [] : [end]),
    ...pathFlaws(certificates).map(({ id }) => id),
    ...certificates.map(each => lifetimeState(each, at)).filter(state => state !== 'valid'),
  ]
}

test.skipIf(!hasOpenssl())(
  'openssl finds a chain right or wrong as we do',
  () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(broken, ({ chain, trusted, order }) => {
        const [leaf, ...rest] = made(chain)
        const root = rest.at(-1)
        if (leaf === undefined || root === undefined) return
        const others = rest
          .slice(0, -1)
          .filter(({ flaw }) => flaw !== 'left out')
          .map(each => each.pem)
        if (order % 2 === 1) others.reverse()
        const roots = trusted ? root.pem : pem(otherRoot())
        const files = { leaf: join(folder, 'leaf.pem'), others: join(folder, 'others.pem'), roots: join(folder, 'roots.pem') }
        writeFileSync(files.leaf, leaf.pem)
        writeFileSync(files.others, others.join('') || pem(otherRoot()))
        writeFileSync(files.roots, roots)
        const theirs = opensslVerify(files, now)
        const ours = ourVerdict(leaf.pem, others, roots)
        seen.add(theirs === 'OK' ? 'OK' : 'refused')
        expect({
          chain,
          ours: ours.length === 0 ? 'OK' : ours,
          theirs: ours.length === 0 ? theirs : theirs === 'OK' ? 'OK' : ours,
        }).toEqual({
          chain,
          ours: ours.length === 0 ? 'OK' : ours,
          theirs: ours.length === 0 ? 'OK' : ours,
        })
      }),
      { numRuns: 150, interruptAfterTimeLimit: 12_000 },
    )
    expect([...seen].sort()).toEqual(['OK', 'refused'])
  },
  40_000,
)

function otherRoot(): Uint8Array {
  const key = keyPair('EC P-256', 8)
  return issue({
    subject: [[{ type: '2.5.4.3', string: 'utf8', text: 'Other' }]],
    issuer: [[{ type: '2.5.4.3', string: 'utf8', text: 'Other' }]],
    serial: 1n,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + day),
    key: key.publicKey,
    signer: { kind: 'EC P-256', key: key.privateKey },
    extensions: authorityExtensions('fine'),
  })
}
