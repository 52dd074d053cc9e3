// Objects of Istio's kinds made from our own schema: mostly right, sometimes not.
import fc from 'fast-check'
import { type KindSchema, kinds } from '../../server/src/core/istio/schema/index.ts'
import type { Field, ObjectSchema, Schema } from '../../server/src/core/istio/schema/schema.ts'

/** Values that are right for some field and wrong for most. */
const texts = [
  ...[
    '',
    '*',
    'a',
    'shop',
    '*.example.com',
    'checkout.shop.svc.cluster.local',
    'shop/checkout',
    './x',
    '*/*',
    '8080',
    '0',
    '70000',
    'y',
    'no',
  ],
  ...[
    'cluster.local/ns/shop/sa/web',
    'spiffe://cluster.local/ns/shop/sa/web',
    'source.ip',
    'request.headers[x]',
    'request.auth.claims[a][b]',
  ],
  ...[
    '10.0.0.0/8',
    '10.0.0.0/33',
    '::1',
    '/a/{*}',
    '/a/*/b',
    '{**}',
    'GET',
    'get',
    'HTTPS',
    'TCP',
    'https://idp.example.com',
    'ftp://x',
    '1e3',
  ],
]

const odd = fc.constantFrom<unknown>(null, true, 0, 1.5, 8080, 'odd', [], {}, [null], { a: 1 })

function arbitrary(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 30, arbitrary: right(schema) }, { weight: 1, arbitrary: odd })
}

function right(schema: Schema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      return fieldsOf(schema)
    case 'list':
      return fc.array(
        fc.constant(schema.items).chain(items => arbitrary(items)),
        { maxLength: 2 },
      )
    case 'map':
      return fc.dictionary(
        schema.keys === 'port' ? fc.constantFrom('80', '8080', '70000') : fc.constantFrom('app', 'a/b', ''),
        arbitrary(schema.values),
        {
          maxKeys: 2,
        },
      )
    case 'string':
      return schema.words ? fc.constantFrom(...Object.keys(schema.words), 'strict') : fc.constantFrom(...texts)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.constantFrom(0, 1, 80, 443, 8080, 70_000, -1)
    case 'number':
      return fc.constantFrom(0, 0.5, 100)
    case 'duration':
      return fc.constantFrom('1s', '500us', '5', '1h30m')
    case 'any':
      return fc.constant({})
  }
}

function fieldsOf({ fields }: ObjectSchema): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.keys(fields)
  if (names.length === 0) return fc.constant({})
  const required = names.filter(name => fields[name]?.required)
  return fc.subarray(names, { maxLength: Math.min(3, names.length) }).chain(chosen => {
    const written = [...new Set([...required, ...chosen])]
    return fc.record(Object.fromEntries(written.map(name => [name, arbitrary((fields[name] as Field).schema)])))
  })
}

function objectOf({ group, kind, versions, schema }: KindSchema): fc.Arbitrary<KubernetesObject> {
  const spec = schema.fields.spec as Field
  return fc.record({
    apiVersion: fc.constant(`${group}/${versions[0]}`),
    kind: fc.constant(kind),
    metadata: fc.record({ name: fc.constantFrom('pay', 'default'), namespace: fc.constantFrom('shop', 'istio-system') }),
    spec: arbitrary(spec.schema),
  })
}

export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: unknown
}

export const arbitraryObject: fc.Arbitrary<KubernetesObject> = fc.constantFrom(...kinds).chain(objectOf)
