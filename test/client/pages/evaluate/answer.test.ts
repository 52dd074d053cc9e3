// A decision as the form and the decorations show it.
import { describe, expect, test, vi } from 'vitest'
import { shownAnswer } from '../../../../client/src/pages/evaluate/answer.ts'
import { readFromForm } from '../../../../client/src/pages/evaluate/messages.ts'
import type { Evaluation } from '../../../../server/src/protocol.ts'

vi.mock('vscode', () => ({}))
const { markOf } = await import('../../../../client/src/pages/evaluate/decorations.ts')

const range = { start: { line: 6, character: 4 }, end: { line: 8, character: 0 } }
const rule = (
  policy: string,
  action: 'ALLOW' | 'DENY',
  matched: 'yes' | 'no' | 'unknown',
  because: string,
): Evaluation['steps'][number] => ({
  policy,
  rule: 0,
  action,
  matched,
  because,
  dryRun: false,
  uri: 'file:///policy.yaml',
  range,
})
const denied: Evaluation = {
  version: 1,
  decision: 'deny',
  status: 403,
  enforcer: 'sidecar',
  layer: 'rbac',
  by: { policy: 'shop/no-admin', rule: 0, action: 'DENY', file: 'policy.yaml', range },
  reason: 'It matches \u202e.',
  steps: [rule('shop/no-admin', 'DENY', 'yes', 'path /admin'), rule('shop/callers', 'ALLOW', 'no', 'method POST is not in [GET]')],
  case: { from: { plaintext: true }, to: { workload: 'shop/checkout' } },
  text: '',
  command: '',
}

test('the deciding rule stands in the first line, the others below it', () => {
  expect(shownAnswer(denied)).toEqual({
    tone: 'deny',
    verdict: 'Denied (403)',
    by: { name: 'shop/no-admin rule 0', step: 0 },
    reason: String.raw`It matches \u{202e}.`,
    others: [{ name: 'shop/callers rule 0', step: 1, action: 'ALLOW', matched: 'no match', because: 'method POST is not in [GET]' }],
    decided: true,
  })
})

test.each<[string, Partial<Evaluation>, object]>([
  ['an allowed request needs no status', { decision: 'allow', status: 200 }, { verdict: 'Allowed', tone: 'allow' }],
  ['a connection has none', { decision: 'deny', status: null }, { verdict: 'Denied' }],
  ['what is not known', { decision: 'unknown', status: null, by: null }, { verdict: 'Not known', tone: 'unknown' }],
  [
    'what istiod publishes leads to no file',
    { by: { policy: null, published: 'istio-system/istio_converted_static_strict', rule: null, action: 'DENY', file: null, range: null } },
    { by: { name: 'istio-system/istio_converted_static_strict' } },
  ],
])('%s', (_, change, expected) => {
  expect(shownAnswer({ ...denied, ...change })).toMatchObject(expected)
})

test('what cannot be evaluated is said, and nothing can be kept', () => {
  expect(shownAnswer({ version: 1, problem: 'There is no workload "shop/a".' })).toMatchObject({ tone: 'problem', decided: false })
})

test.each([
  ['yes', true, '✓ decides DENY'],
  ['yes', false, '✓ matches'],
  ['no', false, '✗ method POST is not in [GET]'],
  ['unknown', false, '? method POST is not in [GET]'],
] as const)('behind a rule in its file (%s, %s): %s', (matched, decides, text) => {
  expect(markOf(rule('shop/a', 'DENY', matched, 'method POST is not in [GET]'), decides)).toBe(text)
})

describe('a page cannot say what is none of ours', () => {
  test.each([null, 5, 'ready', {}, { type: 'run' }, { type: 'reveal', step: '1' }, { type: 'fields', fields: { from: 'root' } }])(
    '%j',
    message => {
      expect(readFromForm(message)).toBeUndefined()
    },
  )

  test('and of the fields only texts are taken, of bearable length', () => {
    const fields = { from: 'workload', protocol: 'http', method: 5, path: 'a'.repeat(30_000), provider: 'maybe', other: 'x' }
    const read = readFromForm({ type: 'fields', fields })
    expect(read).toMatchObject({ fields: { method: '', provider: '' } })
    expect(read?.type === 'fields' && read.fields.path.length).toBe(20_000)
    expect(JSON.stringify(read)).not.toContain('other')
  })
})
