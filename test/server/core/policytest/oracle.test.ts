// The recorded decisions of Envoy and ztunnel are policy tests: each mesh's cases, written as a test file, pass.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { readObject } from '../../../../server/src/core/istio/read.ts'
import { buildMesh, ClusterLayer } from '../../../../server/src/core/mesh/build.ts'
import { readPolicyTest } from '../../../../server/src/core/policytest/read.ts'
import { runCase } from '../../../../server/src/core/policytest/run.ts'
import { parseYaml } from '../../../../server/src/core/yaml/parse.ts'
import { jsonLines } from '../../../support/shared.ts'

interface Recorded {
  readonly id: string
  readonly meshConfig?: object
  readonly istiodEnv?: Readonly<Record<string, string>>
  readonly objects: readonly unknown[]
  readonly cases: readonly RecordedCase[]
}

interface RecordedCase {
  readonly name: string
  readonly request?: { readonly headers?: Readonly<Record<string, unknown>> }
}

/** Every so many meshes: the whole recordings are held against the engines elsewhere. */
const step = 12
const files = ['authz', 'authz-ztunnel'].map(name => `test/oracles/data/${name}.jsonl.gz`)
const meshes = files.flatMap(file =>
  jsonLines<Recorded>(gunzipSync(readFileSync(file)).toString('utf8')).filter((_, index) => index % step === 0),
)
let ran = 0

/** The authorizer of these meshes answers as Istio's sample does. Source: istio/istio:samples/extauthz. */
const withProvider = (each: RecordedCase) => ({ ...each, provider: each.request?.headers?.['x-ext-authz'] === 'allow' ? 'allow' : 'deny' })

describe.each(meshes)('$id', ({ id, meshConfig = {}, istiodEnv = {}, objects, cases }) => {
  const settings = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'istio', namespace: 'istio-system' },
    data: { mesh: JSON.stringify(meshConfig) },
  }
  const mesh = buildMesh({
    files: [],
    cluster: new ClusterLayer({
      objects: [settings, ...objects].flatMap(each => readObject(each, { from: 'cluster', context: id }) ?? []),
      complete: () => true,
    }),
    closedWorld: false,
    istiod: {
      ambientDryRun: istiodEnv.AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY === 'true',
      autoAllowWaypoint: istiodEnv.PILOT_AUTO_ALLOW_WAYPOINT_POLICY === 'true',
    },
  })

  test('the recorded cases are read, and pass', () => {
    const [document] = parseYaml(
      JSON.stringify({ kind: 'AuthorizationTest', cases: cases.map(withProvider) }),
      undefined,
      Number.POSITIVE_INFINITY,
    )
    const read = document && readPolicyTest(document)
    if (!read) throw new Error('no policy test')
    expect(read.problems.filter(each => each.is === 'broken')).toEqual([])
    const results = read.cases.map(each => runCase(each, mesh))
    ran += results.length
    expect(
      results.flatMap(({ outcome, reason }, index) => (outcome === 'passed' ? [] : [`${id} ${index} ${cases[index]?.name}: ${reason}`])),
    ).toEqual([])
  })
})

afterAll(() => {
  console.log(`policy tests of recorded decisions: ${meshes.length} meshes, ${ran} cases`)
})
