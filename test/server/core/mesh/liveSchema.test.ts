// Which CRD decides: the cluster's over a file's, and a file's only where the files are everything.
import { describe, expect, test } from 'vitest'
import { cel } from '../../../../server/src/core/istio/cel/cel.ts'
import { readFile } from '../../../../server/src/core/istio/file.ts'
import type { MeshSources } from '../../../../server/src/core/mesh/build.ts'
import { buildMesh } from '../../../../server/src/core/mesh/build.ts'
import { liveSchemaOf, needsCel } from '../../../../server/src/core/mesh/liveSchema.ts'
import { check } from '../../../../server/src/core/rules/run.ts'
import { cluster, clusterMesh } from '../../../support/mesh.ts'

const crd = (fields: string, rule = 'self.size() < 4') => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: requestauthentications.security.istio.io }
spec:
  group: security.istio.io
  names: { kind: RequestAuthentication, plural: requestauthentications }
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                jwtRules:
                  type: array
                  x-kubernetes-validations: [{ rule: "${rule}", message: too many }]
                  items: { type: object, properties: { issuer: { type: string }${fields} } }
`
const older = crd('')
const newer = crd(', spaceDelimitedClaims: { type: array, items: { type: string } }, grade: { type: string }')
const strict = crd(', spaceDelimitedClaims: { type: array, items: { type: string } }, grade: { type: string }', 'self.size() < 1')

const tokens = `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: tokens, namespace: shop }
spec:
  jwtRules: [{ issuer: "https://idp.example.com", spaceDelimitedClaims: [roles], grade: high }]
`
const asked = new Set(['unknown-field', 'unserved-field', 'newer-field', 'cluster-validation'])

function found(world: Partial<MeshSources>, beside = ''): readonly string[] {
  const file = readFile('file:///tokens.yaml', tokens)
  const files = [...readFile('file:///crds.yaml', beside).resources, ...file.resources]
  const findings = check(file, buildMesh({ files, closedWorld: false, cel, ...world }), { severities: {}, structure: 'all' })
  return findings.flatMap(({ rule }) => (asked.has(rule) ? [rule] : [])).toSorted()
}

describe('fields', () => {
  test.each([
    ['nothing is known', {}, '', ['unknown-field']],
    ['the version is old', { istioVersion: '1.26' }, '', ['newer-field', 'unknown-field']],
    ["the cluster's CRD is old", { cluster: cluster(older) }, '', ['unknown-field', 'unserved-field']],
    ['its version is told as well', { cluster: cluster(older), istioVersion: '1.26' }, '', ['unknown-field', 'unserved-field']],
    ["the cluster's CRD is newer than its version", { cluster: cluster(newer), istioVersion: '1.26' }, '', []],
    ['a file has an old CRD', {}, older, ['unknown-field']],
    ['a file has a newer CRD', { istioVersion: '1.26' }, newer, []],
    ['the files are everything', { closedWorld: true }, older, ['unknown-field', 'unserved-field']],
    ['the cluster has a newer one than a file', { cluster: cluster(newer) }, older, []],
    ['a rule is broken', { cluster: cluster(strict) }, '', ['cluster-validation']],
    ['a rule of a file is broken', {}, strict, []],
    ['nothing can evaluate', { cluster: cluster(strict), cel: { ...cel, evaluate: () => undefined } }, '', []],
  ])('%s', (_, world, beside, expected) => {
    expect(found(world, beside)).toEqual(expected)
  })
})

test.each([
  ['v1', true],
  ['v1beta1', false],
])('of %s a schema is known: %s', (version, expected) => {
  const mesh = clusterMesh(newer)
  expect(liveSchemaOf(mesh, `security.istio.io/${version}`, 'RequestAuthentication') !== undefined).toBe(expected)
})

test.each([
  ['a rule that nobody speaks of', 'self.size() < 4', true],
  ['a rule that is told anyway', 'self.size() == 0', false],
])('CEL is needed for %s', (_, rule, expected) => {
  expect(needsCel(clusterMesh(crd('', rule)), [])).toBe(expected)
})
