import { expect, test } from 'vitest'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import { hasNoItems, holds, lacks, numberAt, textAt, trueAt, wordAt } from '../../../../server/src/core/istio/schema/decoded.ts'
import { Fields } from '../../../../server/src/core/istio/schema/fields.ts'
import { boolean, field, object, string, strings, unsigned, wordsOf } from '../../../../server/src/core/istio/schema/schema.ts'

const thing = object('a thing', {
  mode: field(wordsOf({ NONE: 'Nothing.', SOME: 'Something.' }), 'How.'),
  port: field(unsigned, 'Where.'),
  name: field(string, 'Who.'),
  list: field(strings, 'Which.'),
  flag: field(boolean, 'Whether.'),
})

function fieldsOf(yaml: string): Fields {
  return new Fields(thing, readFile('file:///thing.yaml', `apiVersion: istio.io/v1\n${yaml}`).documents[0]?.root)
}

test.each([
  ['', 'NONE'],
  ['mode: null', 'NONE'],
  ['mode: SOME', 'SOME'],
  ['mode: 1', 'SOME'],
  ['mode: 7', '7'],
  ['mode: some', undefined],
  ['mode: $MODE', undefined],
  ['$KEY: SOME', undefined],
])('the mode in %j is %s', (yaml, word) => expect(wordAt(fieldsOf(yaml), 'mode')).toBe(word))

test.each([
  ['', 0],
  ['port: 80', 80],
  ['port: "80"', 80],
  ['port: http', undefined],
  ['port: $PORT', undefined],
  ['$KEY: 80', undefined],
])('the port in %j is %s', (yaml, number) => expect(numberAt(fieldsOf(yaml), 'port')).toBe(number))

test.each([
  ['', ''],
  ['name: a', 'a'],
  ['name: ${NAME}', undefined],
  ['name: 1', undefined],
])('the name in %j is %j', (yaml, text) => expect(textAt(fieldsOf(yaml), 'name')).toBe(text))

test.each([
  ['', true, true, false],
  ['list: []', false, true, false],
  ['list: [a]', false, false, true],
  ['list: $LIST', false, false, false],
  ['$KEY: [a]', false, false, false],
])('the list in %j: lacks %s, has no items %s, holds %s', (yaml, lacking, empty, held) => {
  const fields = fieldsOf(yaml)
  expect([lacks(fields, 'list'), hasNoItems(fields, 'list'), holds(fields, 'list')]).toEqual([lacking, empty, held])
})

test.each([
  ['flag: yes', true],
  ['flag: "true"', false],
  ['', false],
])('the flag in %j is %s', (yaml, flag) => expect(trueAt(fieldsOf(yaml), 'flag')).toBe(flag))
