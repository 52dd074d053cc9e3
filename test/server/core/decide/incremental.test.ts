// What is not asked for is not worked out, and one changed policy is worked out alone.
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { ruleMatches } from '../../../../server/src/core/decide/ambient/matches.ts'
import { authorize } from '../../../../server/src/core/decide/authorization/authorize.ts'
import { type Connection, callerOf } from '../../../../server/src/core/decide/authorization/connection.ts'
import { Decisions } from '../../../../server/src/core/decide/authorization/decisions.ts'
import { compileRule } from '../../../../server/src/core/decide/authorization/rule.ts'
import { readObject } from '../../../../server/src/core/istio/read.ts'
import type { Resource } from '../../../../server/src/core/istio/resources.ts'
import { buildMesh, ClusterLayer } from '../../../../server/src/core/mesh/build.ts'
import type { Mesh, Workload } from '../../../../server/src/core/mesh/mesh.ts'

vi.mock(import('../../../../server/src/core/decide/authorization/rule.ts'), async original => {
  const rules = await original()
  return { ...rules, compileRule: vi.fn(rules.compileRule) }
})

vi.mock(import('../../../../server/src/core/decide/ambient/matches.ts'), async original => {
  const matches = await original()
  return { ...matches, ruleMatches: vi.fn(matches.ruleMatches) }
})

type Proxy = 'sidecar' | 'ztunnel'

function read(json: object): Resource {
  const resource = readObject(json, { from: 'cluster', context: 'prod' })
  if (!resource) throw new Error(`not read: ${JSON.stringify(json)}`)
  return resource
}

/** Workload 0 to 99 in ten namespaces: `app-13` in `team-3`. */
function pod(index: number, proxy: Proxy): Resource {
  return read({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `app-${index}`,
      namespace: `team-${index % 10}`,
      labels: { app: `app-${index}` },
      annotations: proxy === 'ztunnel' ? { 'ambient.istio.io/redirection': 'enabled' } : {},
    },
    spec: { serviceAccountName: 'app', containers: [{ name: 'app' }, ...(proxy === 'sidecar' ? [{ name: 'istio-proxy' }] : [])] },
    status: { phase: 'Running', podIP: `10.0.0.${index + 1}` },
  })
}

const apiVersion = 'security.istio.io/v1'

/** Policy 0 to 299: three for each workload. */
function policy(index: number, selects = index % 100, action = 'ALLOW'): Resource {
  return read({
    apiVersion,
    kind: 'AuthorizationPolicy',
    metadata: { name: `policy-${index}`, namespace: `team-${index % 10}` },
    spec: {
      selector: { matchLabels: { app: `app-${selects}` } },
      action,
      rules: [{ to: [{ operation: { ports: [`${1000 + index}`] } }] }],
    },
  })
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index)
const policies = numbers(300).map(index => policy(index))
const pods = { sidecar: numbers(100).map(index => pod(index, 'sidecar')), ztunnel: numbers(100).map(index => pod(index, 'ztunnel')) }
const clusters = {
  sidecar: new ClusterLayer({ objects: pods.sidecar, complete: () => true }),
  ztunnel: new ClusterLayer({ objects: pods.ztunnel, complete: () => true }),
}

function meshOf(proxy: Proxy, objects: readonly Resource[]): Mesh {
  return buildMesh({ files: objects, cluster: clusters[proxy], closedWorld: true })
}

function connectionTo(workload: Workload): Connection {
  return { caller: callerOf('cluster.local/ns/shop/sa/web'), sourceIp: '10.1.0.1', sni: '', to: { workload, port: 8080 } }
}

/** Every workload is asked; answers are those of a fresh mind. */
function askAll(decisions: Decisions, mesh: Mesh): void {
  for (const workload of mesh.workloads) {
    expect(decisions.authorize(connectionTo(workload), mesh)).toEqual(authorize(connectionTo(workload), mesh))
  }
}

describe.each(['sidecar', 'ztunnel'] as const)('300 policies at 100 workloads with a %s', proxy => {
  const decided: string[] = []
  const decisions = () =>
    new Decisions((connection, mesh) => {
      decided.push(connection.to.workload.name)
      return authorize(connection, mesh)
    })

  beforeEach(() => {
    decided.length = 0
  })

  function afterwards(change: readonly Resource[]): readonly string[] {
    const kept = decisions()
    askAll(kept, meshOf(proxy, policies))
    expect(decided).toHaveLength(100)
    decided.length = 0
    askAll(kept, meshOf(proxy, change))
    return decided
  }

  test('the same policies in a new mesh', () => {
    expect(afterwards([...policies])).toEqual([])
  })

  test('a policy that says something else', () => {
    expect(afterwards(policies.with(142, policy(142, 42, 'DENY')))).toEqual(['app-42'])
  })

  test('a policy that selects another workload', () => {
    expect(afterwards(policies.with(142, policy(142, 52)))).toEqual(['app-42', 'app-52'])
  })

  test('a policy that goes', () => {
    expect(afterwards(policies.toSpliced(142, 1))).toEqual(['app-42'])
  })

  test('a policy for a namespace', () => {
    const all = read({ apiVersion, kind: 'AuthorizationPolicy', metadata: { name: 'all', namespace: 'team-3' }, spec: {} })
    expect(afterwards([...policies, all])).toEqual(
      numbers(10)
        .map(index => `app-${index}3`.replace('app-03', 'app-3'))
        .toSorted(),
    )
  })

  test('a PeerAuthentication', () => {
    const selector = { matchLabels: { app: 'app-7' } }
    const strict = { apiVersion, kind: 'PeerAuthentication', metadata: { name: 'strict', namespace: 'team-7' } }
    expect(afterwards([...policies, read({ ...strict, spec: { selector, mtls: { mode: 'STRICT' } } })])).toEqual(['app-7'])
  })

  test('settings of the mesh, which everything may hang on', () => {
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio', namespace: 'istio-system' } }
    expect(afterwards([...policies, read({ ...config, data: { mesh: 'trustDomain: corp.example' } })])).toHaveLength(100)
  })
})

test('only the changed policy is compiled again', () => {
  const compiled = vi.mocked(compileRule)
  const asked = numbers(300).map(index => policy(index))
  const compiledFor = (objects: readonly Resource[]) => {
    compiled.mockClear()
    askAll(new Decisions(), meshOf('sidecar', objects))
    return compiled.mock.calls.map(([, { namespace }]) => namespace)
  }
  expect(compiledFor(asked)).toHaveLength(300)
  expect(compiledFor([...asked])).toEqual([])
  expect(compiledFor(asked.with(142, policy(142)))).toEqual(['team-2'])
})

describe.each([
  ['sidecar', vi.mocked(compileRule)],
  ['ztunnel', vi.mocked(ruleMatches)],
] as const)('300 policies in force at one workload with a %s', (proxy, workedOut) => {
  const allow = (index: number, rule: object) =>
    read({
      apiVersion,
      kind: 'AuthorizationPolicy',
      metadata: { name: `policy-${`${index}`.padStart(3, '0')}`, namespace: 'team-1' },
      spec: { rules: [rule] },
    })

  function decisionAmong(rule: (index: number) => object): ReturnType<typeof authorize> {
    const mesh = meshOf(
      proxy,
      numbers(300).map(index => allow(index, rule(index))),
    )
    const [workload] = mesh.workloadsIn('team-1')
    if (!workload) throw new Error('no workload')
    workedOut.mockClear()
    return authorize(connectionTo(workload), mesh)
  }

  test('rules that name other callers are not looked at', () => {
    const name = (index: number) => (index === 200 ? 'web' : `web-${index}`)
    const decision = decisionAmong(index => ({ from: [{ source: { principals: [`cluster.local/ns/shop/sa/${name(index)}`] } }] }))
    expect(workedOut).toHaveBeenCalledTimes(1)
    expect(decision).toMatchObject({ decision: 'allow', by: { policy: { name: 'policy-200' }, rule: 0 } })
  })

  test('the first rule that decides ends it', () => {
    const decision = decisionAmong(index => ({ to: [{ operation: { ports: [index < 3 ? '1' : '8080'] } }] }))
    expect(workedOut).toHaveBeenCalledTimes(4)
    expect(decision).toMatchObject({ decision: 'allow', by: { policy: { name: 'policy-003' } } })
  })

  test('steps are put together when they are read, spread or written as JSON', () => {
    const decision = decisionAmong(() => ({ to: [{ operation: { ports: ['8080'] } }] }))
    expect(workedOut).toHaveBeenCalledTimes(1)
    expect({ ...decision }.steps).toHaveLength(300)
    expect(JSON.parse(JSON.stringify(decision)).steps).toHaveLength(300)
    expect(decision.steps).toBe(decision.steps)
    expect(new Set(decision.steps.map(({ matched, because }) => `${matched}: ${because}`))).toEqual(
      new Set(['yes: port 8080 is in [8080]']),
    )
  })
})
