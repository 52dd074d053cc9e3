// The YAML extension's own language service with our schema: it raises no false alarm, and with `schemaValidation: auto` nothing is said twice.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Diagnostic } from 'vscode-languageserver-types'
import { readFile } from '../../server/src/core/istio/file.ts'
import { kinds } from '../../server/src/core/istio/schema/index.ts'
import { jsonSchema } from '../../server/src/core/istio/schema/jsonSchema.ts'
import { buildMesh } from '../../server/src/core/mesh/build.ts'
import { check, type Finding, type Structure } from '../../server/src/core/rules/run.ts'
import { jsonLines } from '../support/shared.ts'

// Its ES module build imports a folder, which Node does not.
const require = createRequire(import.meta.url)
const { getLanguageService } = require('yaml-language-server') as typeof import('yaml-language-server')
const { TextDocument } = require('vscode-languageserver-textdocument') as typeof import('vscode-languageserver-textdocument')

const service = getLanguageService({
  schemaRequestService: async uri => Promise.reject(new Error(`asked for ${uri}`)),
  workspaceContext: { resolveRelativePath: path => path },
})
service.configure({
  validate: true,
  yamlVersion: '1.2',
  schemas: [{ uri: 'istio-security://schemas/istio.json', fileMatch: ['*.yaml'], schema: jsonSchema(kinds) }],
})

interface Case {
  readonly id: string
  readonly yaml: string
  readonly webhook?: string
  readonly crd?: string
  readonly strictFields?: string
  readonly meta?: string
}

const cases = jsonLines<Case>(gunzipSync(readFileSync('test/oracles/data/validate.jsonl.gz')).toString('utf8'))

// It keeps what it parsed by name and version.
let version = 0
const theirs = (yaml: string): Promise<Diagnostic[]> =>
  service.doValidation(TextDocument.create('file:///a.yaml', 'yaml', version++, yaml), false)

function ours(yaml: string, structure: Structure): readonly Finding[] {
  const file = readFile('file:///a.yaml', yaml)
  return check(file, buildMesh({ files: file.resources, closedWorld: false }), { severities: {}, structure })
}

test('what every judge accepts has no diagnostic there either', async () => {
  const accepted = cases.filter(each => ![each.webhook, each.crd, each.strictFields, each.meta].includes('reject'))
  const alarms: string[] = []
  for (const { id, yaml } of accepted) for (const { message } of await theirs(yaml)) alarms.push(`${id} ${message}`)
  console.log(`YAML extension: ${accepted.length} accepted documents, ${alarms.length} false alarms`)
  expect(alarms).toEqual([])
})

describe('each mistake is told once', () => {
  const policy = (rest: string) => `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: pay\nspec:\n${rest}\n`
  const rule = (operation: string) => policy(`  rules:\n    - to:\n        - operation:\n            ${operation}`)

  const tokens = (field: string) =>
    `apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata:\n  name: a\nspec:\n  jwtRules:\n    - issuer: https://a.example\n      ${field}\n`

  test.each([
    ['an unknown field', rule('{ metods: [GET], hosts: [a] }').replace('operation:\n            ', 'operation: '), 'theirs'],
    ['a snake_case field', rule('not_paths: [/a]'), 'theirs'],
    ['an unknown word', policy('  action: PERMIT\n  rules: [{}]'), 'theirs'],
    ['a wrong type', rule('ports: [8080]'), 'theirs'],
    ['a map for a list', rule('ports: { a: b }'), 'theirs'],
    ['a repeated key', policy('  action: ALLOW\n  action: DENY\n  rules: [{}]'), 'theirs'],
    ['broken YAML', policy('  rules: [{}'), 'theirs'],
    ['a word that only YAML 1.1 reads as a boolean', rule('hosts: [no]'), 'ours'],
    ['a number that only YAML 1.1 reads as one', rule('ports: [8_080]'), 'ours'],
    ['text that only YAML 1.1 would read as a boolean without its quotes', tokens('forwardOriginalToken: "yes"'), 'ours'],
    ['a value of the wrong form', rule('ports: ["http"]'), 'ours'],
    ['a missing field', policy('  rules:\n    - when:\n        - values: [a]'), 'ours'],
  ])('%s', async (_, yaml, who) => {
    const told = { theirs: (await theirs(yaml)).length > 0, ours: ours(yaml, 'surprises').length > 0 }
    expect(told).toEqual({ theirs: who === 'theirs', ours: who === 'ours' })
    expect(ours(yaml, 'all')).not.toEqual([])
  })
})
