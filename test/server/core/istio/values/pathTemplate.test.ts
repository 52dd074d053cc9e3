import { describe, expect, test } from 'vitest'
import { checkPathTemplate, repairPathTemplate } from '../../../../../server/src/core/istio/values/pathTemplate.ts'

describe('checkPathTemplate', () => {
  test.each(['/', '*', '/a/*/b', '/a b', '/é', '{*}', '/{**}/', '/a/{*}/b/{**}', '/{**}/plain', "/{*}/-._~%!$&'()+,;:@=", '//{*}//'])(
    'takes %s',
    path => expect(checkPathTemplate(path)).toBeUndefined(),
  )

  test.each([
    ['/a/{id}', 'Braces'],
    ['/{*}.txt', 'Braces'],
    ['{*}{*}', 'Braces'],
    ['/{***}', 'Braces'],
    ['/a}', 'Braces'],
    ['/{**}/{**}', 'follow'],
    ['/{**}/a/{*}', 'follow'],
    ['/{*}//a', 'two slashes'],
    ['/{*}/b*', 'star'],
    ['/{*}/a b', '"a b"'],
    ['/{*}/é', '"é"'],
    ['/{*}/a?b', '"a?b"'],
  ])('refuses %s', (path, advice) => expect(checkPathTemplate(path)).toContain(advice))
})

test.each([
  ['/orders/{id}/items', '/orders/{*}/items'],
  ['/{a}/{b}/*', '/{*}/{*}/{**}'],
  ['/*/{*}/**', '/{*}/{*}/{**}'],
  ['/{*}.txt', undefined],
  ['/{**}/{*}', undefined],
  ['/a/{*}', undefined],
])('%s was meant as %s', (path, repaired) => expect(repairPathTemplate(path)).toBe(repaired))
