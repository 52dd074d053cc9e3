// The path to a root: the same verdict as openssl for every made file, root and purpose, with the same depth.
import { describe, expect, test } from 'vitest'
import { findPath, type PathFlaw, pathFlaws } from '../../../../server/src/core/certificate/chain.ts'
import { lifetimeState } from '../../../../server/src/core/certificate/lifetime.ts'
import { certificateReader } from '../../../../server/src/core/certificate/read.ts'
import type { Certificate } from '../../../../server/src/core/certificate/report.ts'
import { expectedFiles, made } from './data.ts'

const roots: { readonly [name: string]: readonly Certificate[] } = {
  testRoot: certificateReader().pem(made('roots/test-root.pem'), '').certificates,
  otherRoot: certificateReader().pem(made('roots/other-root.pem'), '').certificates,
}

const flawCodes: { readonly [id in PathFlaw['id']]: number } = {
  'issuer-not-ca': 79,
  'issuer-key-usage': 32,
  'path-length-exceeded': 25,
  'extended-key-usage': 26,
  'critical-extension': 34,
}

/** Our judgement as openssl's error codes. It looks for a trusted end first and judges the rest only then. */
function verify(file: string, root: string, at: string) {
  const { certificates } = certificateReader().pem(made(file), file)
  const leaf = certificates.find(({ ca }) => !ca) ?? certificates[0]
  if (leaf === undefined) throw new Error(`${file} has no certificate`)
  const { end, certificates: path } = findPath(leaf, certificates, roots[root], at)
  const depth = path.length - 1
  if (end === 'untrusted') return [{ code: depth === 0 ? 18 : 19, depth }]
  const times = path.flatMap((certificate, depth) => (lifetimeState(certificate, at) === 'expired' ? [{ code: 10, depth }] : []))
  const purpose = leaf.keyUsage.length > 0 && !leaf.keyUsage.includes('digitalSignature') ? [{ code: 26, depth: 0 }] : []
  if (end === 'incomplete') return [{ code: 20, depth }]
  const flaws = pathFlaws(path).map(({ id, at }) => ({ code: flawCodes[id], depth: at }))
  return [...flaws, ...purpose, ...times]
}

const cases = Object.entries(expectedFiles).flatMap(([file, { opensslVerify = {}, evaluateAt }]) =>
  Object.entries(opensslVerify).flatMap(([key, verdict]) => {
    const [root, purpose] = key.split('/')
    return root === undefined || purpose === undefined ? [] : [{ file, root, purpose, at: evaluateAt, verdict }]
  }),
)

test('there are verdicts of openssl to compare with', () => {
  expect(cases.length).toBe(24 * 4)
})

test.each(cases)('$file against $root as $purpose agrees with openssl', ({ file, root, at, verdict }) => {
  const errors = verdict === 'OK' || typeof verdict === 'string' ? [] : verdict.map(({ code, depth }) => ({ code, depth }))
  expect(verify(file, root, at)).toEqual(errors)
})

describe('a path', () => {
  const [leaf, intermediate, root] = certificateReader().pem(made('valid-chain.pem'), '').certificates as [
    Certificate,
    Certificate,
    Certificate,
  ]
  const now = '2026-11-21T00:00:00Z'

  test('is found in a heap with repeated and unrelated certificates', () => {
    const heap = [root, ...(roots.otherRoot ?? []), intermediate, root, leaf]
    expect(findPath(leaf, heap, undefined, now)).toMatchObject({ end: 'self-signed', certificates: [leaf, intermediate, root] })
  })

  test('may end at an intermediate that is trusted itself', () => {
    expect(findPath(leaf, [], [intermediate], now)).toEqual({ end: 'trusted', certificates: [leaf, intermediate] })
  })

  test('does not follow a name without the signature', () => {
    const [impostor] = roots.otherRoot ?? []
    const named = { ...(impostor as Certificate), subject: leaf.issuer, ski: leaf.aki ?? '' }
    expect(findPath(leaf, [named], [named], now).end).toBe('incomplete')
  })

  test('prefers a CA that is valid over an expired one of the same name', () => {
    const expired = { ...root, sha256: 'older', notAfter: '2026-01-01T00:00:00Z' }
    expect(findPath(leaf, [intermediate], [expired, root], now).certificates.at(-1)).toBe(root)
    expect(findPath(leaf, [intermediate], [expired], now).certificates.at(-1)).toBe(expired)
  })

  test('does not count CA certificates that a CA issued to itself against the path length', () => {
    const rolled = { ...intermediate, subject: 'CN=a', issuer: 'CN=a' }
    expect(pathFlaws([leaf, rolled, { ...intermediate, pathLength: 0 }])).toEqual([])
    expect(pathFlaws([leaf, intermediate, { ...intermediate, pathLength: 0 }])).toEqual([{ id: 'path-length-exceeded', at: 2 }])
  })

  test('needs issuers that are CAs, may sign, and are not limited to other uses', () => {
    const flaws = (issuer: Partial<Certificate>) => pathFlaws([leaf, { ...root, ...issuer }]).map(({ id }) => id)
    expect(flaws({})).toEqual([])
    expect(flaws({ ca: false })).toEqual(['issuer-not-ca'])
    expect(flaws({ keyUsage: ['cRLSign'] })).toEqual(['issuer-key-usage'])
    expect(flaws({ extendedKeyUsage: ['codeSigning'] })).toEqual(['extended-key-usage'])
  })
})
