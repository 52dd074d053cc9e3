import { expect, test } from 'vitest'
import { chainOf, leafOf } from '../../../../client/src/pages/certificate/chain.ts'
import type { CertificateEntry } from '../../../../server/src/protocol.ts'
import { intermediate, judged, leaf, root } from './sample.ts'

function roles({ steps }: ReturnType<typeof chainOf>): readonly string[] {
  return steps.map(({ role }) => role)
}

test('the root that the proxy trusts completes the chain it sends', () => {
  const chain = chainOf(judged([leaf, intermediate], 'trusted', [leaf, intermediate, root]), [root])
  expect(roles(chain)).toEqual(['leaf', 'intermediate', 'root'])
  expect(chain).toMatchObject({ end: 'trusted', beside: [] })
})

test('a root that is sent twice appears once', () => {
  const chain = chainOf(judged([leaf, intermediate, root, root], 'trusted', [leaf, intermediate, root]), [root])
  expect(roles(chain)).toEqual(['leaf', 'intermediate', 'root'])
})

test('what leads nowhere stands beside the chain', () => {
  const stranger = { ...intermediate, sha256: 'ee'.repeat(32), subject: 'CN=Stranger' }
  expect(chainOf(judged([leaf, stranger], 'incomplete', [leaf]), []).beside).toEqual([stranger])
})

test('a leaf that is not sent first is the leaf all the same', () => {
  expect(leafOf(judged([root, intermediate, leaf], 'trusted', [leaf, intermediate, root]))).toBe(leaf)
})

test('where only names and times are known nothing is claimed', () => {
  const unjudged: CertificateEntry = { name: 'default', role: 'workload', state: 'active', chain: [leaf, intermediate] }
  expect(chainOf(unjudged, [root])).toMatchObject({ end: 'unjudged', beside: [] })
  expect(leafOf(unjudged)).toBe(leaf)
})

test('no certificate is no leaf', () => {
  expect(leafOf({ name: 'default', role: 'workload', state: 'warming', chain: [] })).toBeUndefined()
})
