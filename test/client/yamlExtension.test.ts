// The YAML extension is another product: here a stand-in with the interface it publishes.
import { beforeEach, expect, test, vi } from 'vitest'
import type { Server } from '../../client/src/server.ts'

const state = vi.hoisted(() => ({
  installed: true,
  settings: {} as Record<string, unknown>,
  registered: [] as { schemaOf: (uri: string) => string | undefined; contentOf: (uri: string) => Promise<string> }[],
  listeners: [] as (() => void)[],
  text: '',
}))

vi.mock('vscode', () => ({
  Disposable: class {
    static from = () => ({ dispose: () => {} })
  },
  extensions: {
    getExtension: () =>
      state.installed
        ? {
            activate: async () => ({
              registerContributor: (_: string, schemaOf: (uri: string) => string, contentOf: () => Promise<string>) => {
                state.registered.push({ schemaOf, contentOf })
                return true
              },
            }),
          }
        : undefined,
    onDidChange: (listener: () => void) => state.listeners.push(listener),
  },
  workspace: {
    getConfiguration: (section: string) => ({ get: (key: string) => state.settings[`${section}.${key}`] }),
    onDidChangeConfiguration: () => {},
    get textDocuments() {
      return [{ uri: 'file:///a.yaml', getText: () => state.text }]
    },
  },
}))

const { judgesYaml, YamlExtension } = await import('../../client/src/yamlExtension.ts')

const server = { jsonSchema: async () => '{"a":1}', restart: vi.fn(), log: { warn: vi.fn() } }
const start = () => new YamlExtension(server as unknown as Server)

beforeEach(() => {
  Object.assign(state, { installed: true, settings: { 'istioSecurity.schemaValidation': 'auto' }, registered: [], listeners: [] })
  server.restart.mockReset()
})

test.each([
  ['auto', 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n', 'istio-security://schemas/istio.json'],
  ['auto', '# words\n---\napiVersion: "networking.istio.io/v1beta1"\n', 'istio-security://schemas/istio.json'],
  ['auto', 'apiVersion: apps/v1\nkind: Deployment\n', undefined],
  ['on', 'apiVersion: security.istio.io/v1\n', undefined],
  ['off', 'apiVersion: security.istio.io/v1\n', undefined],
])('with schemaValidation %s the schema of %j is %s', async (setting, text, schema) => {
  start()
  await vi.waitFor(() => expect(state.registered).toHaveLength(1))
  Object.assign(state, { text })
  state.settings['istioSecurity.schemaValidation'] = setting
  expect(state.registered[0]?.schemaOf('file:///a.yaml')).toBe(schema)
  expect(await state.registered[0]?.contentOf('')).toBe('{"a":1}')
})

test('it judges unless its validation is switched off', () => {
  expect(judgesYaml()).toBe(true)
  state.settings['yaml.validate'] = false
  expect(judgesYaml()).toBe(false)
})

test('installed later, it gets the schema, and the server hears of it', async () => {
  state.installed = false
  start()
  expect(state.registered).toEqual([])
  state.installed = true
  for (const listener of state.listeners) listener()
  await vi.waitFor(() => expect(state.registered).toHaveLength(1))
  expect(server.restart).toHaveBeenCalledOnce()
})
