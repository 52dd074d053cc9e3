import { expect, test } from 'vitest'
import { readPortKey } from '../../../../../server/src/core/istio/values/portKey.ts'
import { parseYaml } from '../../../../../server/src/core/yaml/parse.ts'

/** As Istio's decoder and CEL of the API server read it, recorded from them. */
test.each([
  ['8080', 'port', 'port'],
  ['"8080"', 'port', 'port'],
  ['65535', 'port', 'port'],
  ['8080.0', 'port', 'port'],
  ['0x50', 'port', 'port'],
  ['010', 'port', 'port'],
  ['8_080', 'port', 'port'],
  ['1e3', 'port', 'port'],
  ['8080.0001', 'port', 'port'],
  ['0', 'out of range', 'out of range'],
  ['65536', 'out of range', 'out of range'],
  ['"null"', 'out of range', 'no number'],
  ['" 80"', 'port', 'no number'],
  [`'"80"'`, 'port', 'no number'],
  ['"+80"', 'no number', 'port'],
  ['"080"', 'no number', 'port'],
  ['"0x50"', 'no number', 'no number'],
  ['"1e3"', 'no number', 'no number'],
  ['"8080.0"', 'no number', 'no number'],
  ['80.5', 'no number', 'no number'],
  ['1e6', 'no number', 'no number'],
  ['-1', 'no number', 'out of range'],
  ['-0.0', 'no number', 'out of range'],
  ['"4294967296"', 'no number', 'out of range'],
  ['"99999999999999999999"', 'no number', 'no number'],
  ['yes', 'no number', 'no number'],
  ['""', 'no number', 'no number'],
])('the key %s', (key, webhook, crd) => {
  const [document] = parseYaml(`${key}: {}`)
  const entry = document?.root?.kind === 'mapping' ? document.root.entries[0] : undefined
  expect(entry && readPortKey(entry.key)).toMatchObject({ webhook, crd })
})
