// A case that is written into a file is read back as what was asked.
import { describe, expect, test } from 'vitest'
import type { Decision } from '../../../../server/src/core/decide/authorization/decision.ts'
import { readPolicyTest } from '../../../../server/src/core/policytest/read.ts'
import { caseLines, insertCase } from '../../../../server/src/core/policytest/writeCase.ts'
import type { WrittenCase } from '../../../../server/src/core/policytest/writtenCase.ts'
import { Lines } from '../../../../server/src/core/yaml/lines.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'

const asked: WrittenCase = {
  from: { workload: 'shop/frontend' },
  to: { workload: 'shop/checkout', port: 8080 },
  request: { method: 'GET', path: '/cart?x=1', headers: { 'x-a': 'yes', 'x-many': ['b', 'c: d'] } },
}
const denied: Decision = { decision: 'deny', enforcer: 'sidecar', layer: 'rbac', reason: '', steps: [] }

function inserted(text: string, lines = caseLines(asked, denied) ?? []): string {
  const insertion = insertCase(text, lines)
  const offset = new Lines(text).offset(insertion.position)
  return text.slice(0, offset) + insertion.text + text.slice(offset)
}

function casesIn(text: string): readonly string[] {
  return parseYaml(text).flatMap(document => readPolicyTest(document)?.cases.map(({ is, name }) => `${is}: ${name}`) ?? [])
}

test('a new file', () => {
  expect(inserted('')).toBe(
    `kind: AuthorizationTest
cases:
  - name: frontend calls checkout with GET /cart?x=1
    from: { workload: shop/frontend }
    to: { workload: shop/checkout, port: 8080 }
    request: { method: GET, path: "/cart?x=1", headers: { x-a: "yes", x-many: [b, "c: d"] } }
    expect: deny
`.replace('name: frontend calls checkout with GET /cart?x=1', 'name: "frontend calls checkout with GET /cart?x=1"'),
  )
})

describe('a file that is there', () => {
  const first = 'from: { plaintext: true }\n    to: { workload: shop/a }\n    expect: deny'
  const mine = 'ready: frontend calls checkout with GET /cart?x=1'
  test.each([
    ['behind the last case', `kind: AuthorizationTest\ncases:\n  - name: one\n    ${first}\n`, ['ready: one', mine]],
    ['without a line break at its end', `kind: AuthorizationTest\ncases:\n  - name: one\n    ${first}`, ['ready: one', mine]],
    [
      'at another depth',
      `kind: AuthorizationTest\ncases:\n- name: one\n  ${first.replaceAll('    ', '  ')}\nmesh: [a.yaml]\n`,
      ['ready: one', mine],
    ],
    ['with a comment at its end', `kind: AuthorizationTest\ncases:\n  - name: one\n    ${first} # so\n# end\n`, ['ready: one', mine]],
    ['with cases in one line', 'kind: AuthorizationTest\ncases: []\n', [mine]],
    ['of something else', 'kind: ConfigMap\napiVersion: v1', [mine]],
  ])('%s', (_, text, cases) => {
    expect(casesIn(inserted(text))).toEqual(cases)
  })
})

test('what is not known cannot be expected', () => {
  expect(caseLines(asked, { ...denied, decision: 'unknown' })).toBeUndefined()
})

test.each(['yes', 'a: b', '- a', '*', '&a', '{', "it's", 'a #b', '1', '', 'null', 'ü\u202e', 'a\nb', '0x1', '!a'])(
  'the text %j stays a text',
  text => {
    const written: WrittenCase = { ...asked, request: { method: 'GET', host: text, headers: { [text || 'a']: text } } }
    const [document] = parseYaml(inserted('', caseLines(written, denied)))
    const [read] = (document && readPolicyTest(document)?.cases) ?? []
    expect(read?.is === 'ready' && read.question.request).toMatchObject({ host: text, headers: { [text || 'a']: [text] } })
  },
)
