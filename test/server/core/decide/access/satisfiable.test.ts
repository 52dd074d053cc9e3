// What is said to be impossible is: no connection of a small world meets it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Condition, conditionOn, type Subject } from '../../../../../server/src/core/decide/access/condition.ts'
import { covers, disjoint, patternsOf } from '../../../../../server/src/core/decide/access/pattern.ts'
import { isPossible } from '../../../../../server/src/core/decide/access/satisfiable.ts'
import { pathMatch } from '../../../../../server/src/core/decide/authorization/pathMatch.ts'
import { contains, parseAddress, parseAddressBlock } from '../../../../../server/src/core/istio/values/addressBlock.ts'

const paths = ['/', '/a', '/ab', '/a/b', '/b', '/a/b/c', '/cab']
const addresses = ['10.0.0.1', '10.0.1.1', '10.1.0.1', '192.168.0.1', 'fd00::1']
const worlds = { path: paths, address: addresses, port: ['80', '8080', '9000'] } as const

type Known = keyof typeof worlds

const values: Readonly<Record<Known, readonly string[]>> = {
  path: ['/a', '/a*', '*b', '/a/*', '/', '*', '/{*}', '/a/{**}', '/b'],
  address: ['10.0.0.0/8', '10.0.0.0/16', '10.0.0.1', '10.0.0.99/24', '0.0.0.0/0', '192.168.0.0/24', 'fd00::/8'],
  port: ['80', '8080', '08080', '9000'],
}

function matches(aspect: Known, value: string, of: string): boolean {
  if (aspect === 'port') return Number(value) === Number(of)
  if (aspect === 'path') return pathMatch(value)(of)
  const [block, address] = [parseAddressBlock(value), parseAddress(of)]
  return block !== undefined && address !== undefined && contains(block, address)
}

const aspects = fc.constantFrom<Known>('path', 'address', 'port')
const subjectOf = (aspect: Known): Subject => ({ aspect })
const condition: fc.Arbitrary<Condition> = aspects.chain(aspect =>
  fc
    .tuple(fc.boolean(), fc.subarray([...values[aspect]], { minLength: 1, maxLength: 3 }))
    .map(([negated, some]) => conditionOn(subjectOf(aspect), negated, some)),
)
const conditions = fc.array(condition, { maxLength: 4 })

function meets({ subject, negated, values: wanted }: Condition, world: Readonly<Record<Known, string>>): boolean {
  const aspect = subject.aspect as Known
  return wanted.some(value => matches(aspect, value, world[aspect])) !== negated
}

const everywhere = worlds.path.flatMap(path => worlds.address.flatMap(address => worlds.port.map(port => ({ path, address, port }))))

test('what is impossible, nothing meets', () => {
  let impossible = 0
  fc.assert(
    fc.property(conditions, fc.array(conditions, { maxLength: 4 }), (wanted, avoided) => {
      if (isPossible(wanted, avoided)) return
      impossible++
      const found = everywhere.find(
        world => wanted.every(each => meets(each, world)) && !avoided.some(group => group.every(each => meets(each, world))),
      )
      expect(found).toBeUndefined()
    }),
    { numRuns: 5_000 },
  )
  expect(impossible).toBeGreaterThan(500)
})

test('a value covers or excludes another only where that is so', () => {
  fc.assert(
    fc.property(aspects, fc.nat(), fc.nat(), (aspect, one, other) => {
      const [a = '', b = ''] = [one, other].map(at => values[aspect][at % values[aspect].length])
      const [first, second] = [a, b].map(value => patternsOf(conditionOn(subjectOf(aspect), false, [value]))[0])
      if (!first || !second) throw new Error('no pattern')
      const hit = (value: string) => worlds[aspect].filter(each => matches(aspect, value, each))
      if (covers(first, second)) expect(hit(a)).toEqual(expect.arrayContaining(hit(b)))
      if (disjoint(first, second)) expect(hit(a).filter(each => hit(b).includes(each))).toEqual([])
    }),
    { numRuns: 2_000 },
  )
})
