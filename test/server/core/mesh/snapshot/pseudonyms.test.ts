// Renaming changes names and nothing else: every recorded request of the authorization oracle is decided by the same rule as before.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { authorize } from '../../../../../server/src/core/decide/authorization/authorize.ts'
import { type Connection, callerOf } from '../../../../../server/src/core/decide/authorization/connection.ts'
import { connections, rowOf } from '../../../../../server/src/core/decide/mtls/paths.ts'
import { readObject } from '../../../../../server/src/core/istio/read.ts'
import { contains, parseAddress, parseAddressBlock } from '../../../../../server/src/core/istio/values/addressBlock.ts'
import { buildMesh, ClusterLayer } from '../../../../../server/src/core/mesh/build.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import { renamedAddress } from '../../../../../server/src/core/mesh/snapshot/addresses.ts'
import { pseudonymized } from '../../../../../server/src/core/mesh/snapshot/pseudonyms.ts'
import { isJson, type Json, trimmed } from '../../../../../server/src/core/mesh/snapshot/trim.ts'
import { isKnownWord } from '../../../../../server/src/core/mesh/snapshot/vocabulary.ts'
import { jsonLines } from '../../../../support/shared.ts'

interface Case {
  readonly from: { readonly principal: string } | { readonly workload: string } | { readonly plaintext: true }
  readonly ip: string
  readonly to: { readonly workload: string; readonly port: number; readonly service?: string }
  readonly request?: {
    readonly method: string
    readonly path: string
    readonly host: string
    readonly headers?: Readonly<Record<string, string | readonly string[]>>
  }
  readonly jwt?: Readonly<Record<string, unknown>> & { readonly claims?: Readonly<Record<string, unknown>> }
  readonly sni?: string
}

interface MeshCase {
  readonly id: string
  readonly theme: string
  readonly meshConfig?: Json
  readonly objects: readonly unknown[]
  readonly cases: readonly Case[]
}

const oracle = jsonLines<MeshCase>(gunzipSync(readFileSync('test/oracles/data/authz.jsonl.gz')).toString('utf8'))
const seed = 'a seed'
const same = (text: string) => text

function objectsOf({ meshConfig, objects }: MeshCase): readonly Json[] {
  const data = { mesh: JSON.stringify(meshConfig ?? {}) }
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' }, data }
  return [config, ...objects].map(trimmed).flatMap(each => (each ? [withAge(each)] : []))
}

/** As every object of a cluster has one; in the same second names decide. */
function withAge({ metadata, ...rest }: Json): Json {
  return { ...rest, metadata: { creationTimestamp: '2026-01-01T00:00:00Z', ...(isJson(metadata) ? metadata : {}) } }
}

function meshOf(objects: readonly unknown[]): Mesh {
  const resources = objects.flatMap(each => readObject(each, { from: 'cluster', context: 'prod' }) ?? [])
  return buildMesh({ files: [], cluster: new ClusterLayer({ objects: resources, complete: () => true }), closedWorld: false })
}

type Rename = (text: string) => string

/** Every text of a value. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return isJson(value) ? Object.entries(value).flatMap(([key, each]) => [key, ...textsIn(each)]) : []
}

function renamedAll(value: unknown, rename: Rename, keys = false): unknown {
  if (typeof value === 'string') return rename(value)
  if (Array.isArray(value)) return value.map(each => renamedAll(each, rename, keys))
  if (!isJson(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [keys ? rename(key) : key, renamedAll(each, rename, true)]))
}

function connectionIn({ from, ip, to, request, jwt, sni }: Case, mesh: Mesh, rename: Rename): Connection {
  const workloadOf = (named: string) => {
    const [namespace = '', name] = rename(named).split('/')
    const found = mesh.workloadsIn(namespace).find(each => each.name === name)
    if (!found) throw new Error(`no pod ${named}`)
    return found
  }
  const identityOf = (named: string) => {
    const { namespace, serviceAccount } = workloadOf(named)
    return `${mesh.settings.trustDomain}/ns/${namespace}/sa/${serviceAccount}`
  }
  const [namespace = '', name = ''] = to.service ? rename(to.service).split('/') : []
  const { in: place, invalid, claims, ...standard } = (jwt ?? {}) as Record<string, unknown>
  const payload = { ...(renamedAll(standard, rename) as Json), ...(renamedAll(claims ?? {}, rename, true) as Json) }
  const token = jwt ? { payload, ...(place ? { in: renamedAll(place, rename) } : {}), ...(invalid ? { invalid } : {}) } : 'none'
  return {
    caller: 'plaintext' in from ? from : callerOf('principal' in from ? rename(from.principal) : identityOf(from.workload)),
    sourceIp: rename(ip),
    sni: rename(sni ?? ''),
    to: { workload: workloadOf(to.workload), port: to.port, ...(to.service ? { service: { namespace, name } } : {}) },
    ...(request
      ? {
          request: {
            method: rename(request.method),
            path: rename(request.path),
            host: rename(request.host.toLowerCase()),
            headers: Object.fromEntries(
              Object.entries(request.headers ?? {}).map(([key, each]) => [
                rename(key),
                [each].flat().map(list => list.split(', ').map(rename).join(', ')),
              ]),
            ),
            token,
          },
          provider: request.headers?.['x-ext-authz'] === 'allow' ? 'allow' : 'deny',
        }
      : {}),
  } as Connection
}

function verdict(connection: Connection, mesh: Mesh): string {
  // Which of several policies is named first follows their names.
  const { decision, status, enforcer } = authorize(connection, mesh)
  return JSON.stringify([decision, status, enforcer])
}

test.each(oracle)('$id: $theme', recorded => {
  const objects = objectsOf(recorded)
  const before = meshOf(objects)
  const { objects: renamed, text } = pseudonymized(
    objects,
    seed,
    textsIn(recorded.cases).flatMap(each => [each.toLowerCase(), ...each.split(', ')]),
  )
  const after = meshOf(renamed)
  // Half a word behind an escape is none that could be renamed; no object says such a thing.
  const rows = recorded.cases.flatMap((each, index) =>
    each.request?.path.includes('%')
      ? []
      : [
          {
            row: index,
            before: verdict(connectionIn(each, before, same), before),
            after: verdict(connectionIn(each, after, text), after),
          },
        ],
  )
  expect(rows.map(({ row, after }) => [row, after])).toEqual(rows.map(({ row, before }) => [row, before]))
  const paths = (mesh: Mesh, rename: Rename) =>
    [...connections(mesh)]
      .map(each => rowOf(mesh, each))
      .map(({ from, host, port, tls, auto, wire, status, server }) =>
        JSON.stringify([
          rename(from),
          rename(host),
          port,
          tls,
          auto,
          wire,
          status,
          server?.workload && rename(server.workload),
          server?.mode,
        ]),
      )
      .toSorted()
  expect(paths(after, same)).toEqual(paths(before, text))
})

test('no word of the objects is left but those that everybody has', () => {
  for (const { objects } of oracle) {
    const kept = objects.map(trimmed).filter(each => each !== undefined)
    const { objects: renamed } = pseudonymized(kept, seed)
    const names = kept.flatMap(({ metadata }) => textsIn([isJson(metadata) ? [metadata.name, metadata.namespace, metadata.labels] : []]))
    const words = new Set(names.flatMap(each => each.match(/[a-z0-9]+/gi) ?? []).filter(each => !isKnownWord(each)))
    const after = new Set(textsIn(renamed).flatMap(each => each.match(/[a-z0-9]+/gi) ?? []))
    // A pattern such as `ap*`, which means `api` too, keeps its part of every name.
    const parts = [...JSON.stringify(kept).matchAll(/(\w+)\*|\*(\w+)/g)].map(([, start = '', end = '']) => ({ start, end }))
    const isCut = (word: string) => parts.some(({ start, end }) => (start && word.startsWith(start)) || (end && word.endsWith(end)))
    expect([...words].filter(each => after.has(each) && !isCut(each))).toEqual([])
  }
})

describe('texts', () => {
  const objects = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } }]
  const rename = (...texts: readonly string[]) => {
    const { text } = pseudonymized(objects, seed, texts)
    return texts.map(text)
  }

  test('what everybody has stays', () => {
    const known = [
      'istio-system',
      'kube-system',
      'default',
      '*',
      'GET',
      'ISTIO_MUTUAL',
      'STRICT',
      '8080',
      'v1',
      '*.svc.cluster.local',
      '0.0.0.0/0',
    ]
    expect(rename(...known)).toEqual(known)
  })

  test('a name is the same wherever it stands', () => {
    const [host = '', principal = '', spiffe = '', reference = ''] = rename(
      'checkout.shop.svc.cluster.local',
      'cluster.local/ns/shop/sa/checkout',
      'spiffe://cluster.local/ns/shop/sa/checkout',
      'shop/checkout',
    )
    const [namespace, name] = reference.split('/')
    expect([host, principal, spiffe]).toEqual([
      `${name}.${namespace}.svc.cluster.local`,
      `cluster.local/ns/${namespace}/sa/${name}`,
      `spiffe://cluster.local/ns/${namespace}/sa/${name}`,
    ])
  })

  const word = fc.stringMatching(/^[ab0-9]{1,6}$/)
  const name = fc.array(word, { minLength: 1, maxLength: 3 }).map(words => words.join('-'))

  test('patterns match what they matched', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), fc.array(name, { minLength: 1, maxLength: 4 }), (names, patterns) => {
        const written = patterns.flatMap(each => [`${each}*`, `*${each}`])
        const { text } = pseudonymized(objects, seed, [...names, ...written])
        const matches = (pattern: string, each: string) =>
          pattern.endsWith('*') ? each.startsWith(pattern.slice(0, -1)) : each.endsWith(pattern.slice(1))
        for (const pattern of written)
          for (const each of names)
            expect([pattern, each, matches(text(pattern), text(each))]).toEqual([pattern, each, matches(pattern, each)])
      }),
      { numRuns: 300 },
    )
  })

  test('different names stay different', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 8 }), names => {
        const { text } = pseudonymized(objects, seed, names)
        expect(new Set(names.map(text)).size).toBe(names.length)
      }),
    )
  })

  test('blocks hold the addresses that they held', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6())
    const block = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([each, bits]) => `${each}/${bits}`),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([each, bits]) => `${each}/${bits}`),
    )
    const holds = (one: string, other: string) => {
      const [parsedBlock, parsed] = [parseAddressBlock(one), parseAddress(other)]
      return parsedBlock && parsed ? contains(parsedBlock, parsed) : undefined
    }
    fc.assert(
      fc.property(block, address, fc.boolean(), (one, other, within) => {
        const inside = within ? (one.split('/')[0] ?? other) : other
        expect(holds(renamedAddress(one, seed) ?? '', renamedAddress(inside, seed) ?? '')).toBe(holds(one, inside))
      }),
      { numRuns: 500 },
    )
  })
})
