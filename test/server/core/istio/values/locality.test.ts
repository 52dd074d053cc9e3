import { expect, test } from 'vitest'
import { checkLocalities, narrowFirst } from '../../../../../server/src/core/istio/values/locality.ts'

test.each<[string[]]>([[[]], [['*']], [['eu', 'us']], [['eu/a', 'eu/b/1', 'eu/b/2', 'eu/*']], [['eu/a/1/x', 'eu/a/*']], [['eu/*', 'us*']]])(
  '%j can stand together',
  localities => expect(checkLocalities(localities)).toBeUndefined(),
)

test.each<[string[], number, string]>([
  [['*', 'eu'], 1, 'overlaps'],
  [['eu', 'eu'], 1, 'overlaps'],
  [['eu', 'eu/a'], 1, 'overlaps'],
  [['eu/a', 'eu'], 1, 'overlaps'],
  [['eu/*', 'eu/a'], 1, 'overlaps'],
  [['eu/a/*', 'eu/a/1'], 1, 'overlaps'],
  [['eu/a', 'eu/a/1'], 1, 'overlaps'],
  [['eu/a', 'eu/*/1'], 1, 'wildcard'],
  [['**'], 0, 'wildcard'],
  [[''], 0, 'empty'],
  [['eu//1'], 0, 'empty'],
  [['eu/'], 0, 'empty'],
])('%j is refused at %i', (localities, index, reason) => {
  expect(checkLocalities(localities)).toMatchObject({ index, reason: expect.stringContaining(reason) })
})

test('narrow localities come before those that cover them', () => {
  const all = ['*', 'eu/*', 'eu/a/*', 'eu/a/1', 'us']
  expect(checkLocalities(all)).toBeDefined()
  expect(narrowFirst(all)).toEqual(['eu/a/1', 'us', 'eu/a/*', 'eu/*', '*'])
  expect(checkLocalities(narrowFirst(all))).toBeUndefined()
})
