import { expect, test } from 'vitest'
import { checkExportTo, type Exported } from '../../../../../server/src/core/istio/values/visibility.ts'

const reasons = (values: readonly string[], of: Exported) =>
  checkExportTo(
    values.map(value => ({ value, span: { start: 0, end: 0 } })),
    'shop',
    of,
  ).map(({ entry, reason }) => `${entry.value}: ${reason}`)

test.each<[Exported, string[]]>([
  ['object', []],
  ['object', ['.']],
  ['object', ['*']],
  ['object', ['shop', 'Pay', 'x-1']],
  ['ServiceEntry', ['~']],
  ['rule with workloadSelector', ['.']],
  ['rule with workloadSelector', ['shop']],
])('%s %j is right', (of, values) => expect(reasons(values, of)).toEqual([]))

test.each<[Exported, string[], string]>([
  ['object', ['shop', 'shop'], 'shop: "shop" is listed twice'],
  ['object', ['.', 'shop'], 'shop: "shop" is listed twice'],
  ['object', ['shop', '.'], '.: "." means the namespace "shop"'],
  ['object', ['*', '*'], '*: "*" is listed twice'],
  ['object', ['pay', '*'], '*: "*" means every namespace'],
  ['object', ['~'], '~: Only a ServiceEntry'],
  ['object', ['a.b'], 'a.b: "a.b" is neither'],
  ['object', [''], ': "" is neither'],
  ['ServiceEntry', ['~', 'shop'], '~: "~" means nobody'],
  ['rule with workloadSelector', ['pay'], 'pay: A rule with "workloadSelector"'],
  ['rule with workloadSelector', ['.', 'pay'], 'pay: A rule with "workloadSelector"'],
  ['rule with workloadSelector', ['*'], '*: A rule with "workloadSelector"'],
])('%s %j is refused once', (of, values, message) => {
  const found = reasons(values, of)
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(message)
})
