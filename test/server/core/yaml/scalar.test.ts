// What sigs.k8s.io/yaml made of each, recorded.
import { describe, expect, test } from 'vitest'
import { readPlain, readTagged } from '../../../../server/src/core/yaml/scalar.ts'

describe('without quotes', () => {
  test.each<readonly [string, string | number | boolean | null]>([
    ['y', true],
    ['Yes', true],
    ['yEs', 'yEs'],
    ['tRue', 'tRue'],
    ['off', false],
    ['N', false],
    ['~', null],
    ['NULL', null],
    ['nUll', 'nUll'],
    ['010', 8],
    ['08', 8],
    ['-010', -8],
    ['07_7', 63],
    ['0o17', 15],
    ['0o8', '0o8'],
    ['0x1F', 31],
    ['0X1F', 31],
    ['0x', '0x'],
    ['0b11', 3],
    ['0b102', '0b102'],
    ['+1', 1],
    ['++1', '++1'],
    ['1_000', 1000],
    ['_1', '_1'],
    ['1_0.5', 10.5],
    ['.5', 0.5],
    ['5.', 5],
    ['.', '.'],
    ['1e3', 1000],
    ['12e03', 12000],
    ['1e', '1e'],
    ['1e400', '1e400'],
    ['.inf', Number.POSITIVE_INFINITY],
    ['-.Inf', Number.NEGATIVE_INFINITY],
    ['.iNf', '.iNf'],
    ['1:30', '1:30'],
    ['2001-01-01', '2001-01-01'],
    ['18446744073709551615', 2 ** 64],
    ['1234567890123456789012', 1.2345678901234568e21],
    ['1-2', '1-2'],
    ['=', '='],
  ])('%s', (text, value) => {
    expect(readPlain(text)).toBe(value)
  })
})

test.each<readonly [string, string, ReturnType<typeof readTagged>]>([
  ['int', '5', 5],
  ['int', 'x', undefined],
  ['float', '1', 1],
  ['bool', 'yes', true],
  ['bool', '1', undefined],
  ['null', '~', null],
  ['str', '12', '12'],
])('!!%s %s', (tag, text, value) => {
  expect(readTagged(`tag:yaml.org,2002:${tag}`, text)).toBe(value)
})
