// A world that follows a cluster change by change is the world that is built from scratch of the same objects, and keeps what did not change.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { selectables } from '../../../../server/src/core/decide/selectable.ts'
import { readObject } from '../../../../server/src/core/istio/read.ts'
import type { Kind, Resource } from '../../../../server/src/core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../../../../server/src/core/mesh/build.ts'
import { type KindLists, listOf } from '../../../../server/src/core/mesh/lists.ts'
import type { Mesh } from '../../../../server/src/core/mesh/mesh.ts'

const kinds = ['Namespace', 'Pod', 'WorkloadOwner', 'ServiceAccount'] as const satisfies readonly Kind[]
const namespaces = ['a', 'b', 'c']
const names = ['x', 'y', 'z']

interface Change {
  readonly kind: (typeof kinds)[number]
  readonly namespace: string
  readonly name: string
  /** Absent: it is deleted. */
  readonly version?: number
}

const change: fc.Arbitrary<Change> = fc.record(
  {
    kind: fc.constantFrom(...kinds),
    namespace: fc.constantFrom(...namespaces),
    name: fc.constantFrom(...names),
    version: fc.integer({ min: 0, max: 5 }),
  },
  { requiredKeys: ['kind', 'namespace', 'name'] },
)

function objectOf({ kind, namespace, name, version = 0 }: Change): Resource | undefined {
  const metadata = { name, namespace, labels: { app: name, turn: String(version) } }
  const spec = { serviceAccountName: name, containers: [{ name: 'app' }, ...(version % 2 ? [{ name: 'istio-proxy' }] : [])] }
  const source = { from: 'cluster', context: 'test' } as const
  switch (kind) {
    case 'Namespace':
      return readObject(
        { apiVersion: 'v1', kind, metadata: { name: namespace, labels: { 'istio-injection': version % 2 ? 'enabled' : 'disabled' } } },
        source,
      )
    case 'ServiceAccount':
      return readObject({ apiVersion: 'v1', kind, metadata }, source)
    case 'WorkloadOwner':
      return readObject({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template: { metadata, spec } } }, source)
    case 'Pod': {
      const ownerReferences = version > 2 ? [{ kind: 'ReplicaSet', name: `${name}-1`, controller: true }] : []
      return readObject(
        {
          apiVersion: 'v1',
          kind,
          metadata: { ...metadata, ownerReferences },
          spec,
          status: { phase: version === 5 ? 'Succeeded' : 'Running' },
        },
        source,
      )
    }
  }
}

const complete = () => true

function followed(lists: KindLists): Mesh {
  const objects = [...lists.values()].flatMap(({ all }) => all)
  return buildMesh({ files: [], cluster: new ClusterLayer({ objects, lists, complete }), closedWorld: false })
}

function fromScratch(held: ReadonlyMap<string, Resource>): Mesh {
  // Copies, so that nothing that was kept is found again.
  const objects = structuredClone([...held.values()])
  return buildMesh({ files: [], cluster: new ClusterLayer({ objects, complete }), closedWorld: false })
}

function answers(mesh: Mesh) {
  return {
    namespaces: [...mesh.namespaces].toSorted(),
    workloads: mesh.workloads,
    within: namespaces.map(namespace => [mesh.workloadsIn(namespace), selectables(mesh, namespace), mesh.in('Pod', namespace)]),
    selectables: selectables(mesh),
    found: kinds.flatMap(kind =>
      namespaces.flatMap(namespace => names.map(name => [mesh.find(kind, namespace, name), mesh.presence(kind, namespace, name)])),
    ),
  }
}

test('after every change', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 40 }), changes => {
      const held = new Map<string, Resource>()
      let lists: KindLists = new Map()
      for (const each of changes) {
        const object = each.version === undefined ? undefined : objectOf(each)
        const key = `${each.kind} ${each.namespace} ${each.kind === 'Namespace' ? '' : each.name}`
        if (object) held.set(key, object)
        else held.delete(key)
        const ofKind = [...held].filter(([name]) => name.startsWith(`${each.kind} `)).map(([, resource]) => resource)
        lists = new Map(lists).set(each.kind, listOf(ofKind, lists.get(each.kind)))
        expect(answers(followed(lists))).toEqual(answers(fromScratch(held)))
      }
    }),
    { numRuns: 40 },
  )
})

test('what a change does not touch is the same object as before', () => {
  const pods = namespaces
    .flatMap(namespace => names.map(name => objectOf({ kind: 'Pod', namespace, name, version: 1 })))
    .filter(each => each !== undefined)
  const before = listOf(pods)
  const changed = objectOf({ kind: 'Pod', namespace: 'b', name: 'x', version: 0 })
  const after = listOf(
    pods.map(each => (changed && each.namespace === 'b' && each.name === 'x' ? changed : each)),
    before,
  )
  const [first, second] = [followed(new Map([['Pod', before]])), followed(new Map([['Pod', after]]))]
  expect(namespaces.map(each => first.workloadsIn(each) === second.workloadsIn(each))).toEqual([true, false, true])
  expect(listOf([...pods], before)).toBe(before)
})
