// What package.json declares against what the code does.
import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import manifest from '../../package.json' with { type: 'json' }

vi.mock('vscode', () => ({}))
const { commands } = await import('../../client/src/commands/index.ts')
const { pageCommands } = await import('../../client/src/pages/certificate/page.ts')

const { contributes } = manifest
const declared = contributes.commands.map(({ command }) => command)

test('each declared command has a handler, and each handler is declared', () => {
  expect(Object.keys(commands).sort()).toEqual([...declared].sort())
})

test('menus, links of the page and welcome views name declared commands', () => {
  const inMenus = Object.values(contributes.menus).flatMap(entries => entries.map(({ command }) => command))
  const inWelcome = contributes.viewsWelcome.flatMap(({ contents }) =>
    [...contents.matchAll(/command:(istioSecurity\.\w+)/g)].map(([, id]) => id),
  )
  expect([...inMenus, ...inWelcome, ...pageCommands].filter(id => !declared.includes(id ?? ''))).toEqual([])
})

test('each view has exactly one welcome for each situation', () => {
  const views = contributes.views.istioSecurity.map(({ id }) => id)
  const situations = [
    'off',
    'untrusted',
    'no-kubeconfig',
    'bad-kubeconfig',
    'no-context',
    'old-runtime',
    'connecting',
    'failed',
    'unauthorized',
    'forbidden',
    'program-refused',
    'no-istio',
    'connected',
    'stale',
  ] satisfies readonly import('../../client/src/state.ts').Situation[]
  for (const view of views) {
    // That there are no certificates is said only once all proxies were read.
    const whole = (when: string) => when.replace(/^istioSecurity\.noCertificates && \((.*)\)$/, '$1')
    const conditions = contributes.viewsWelcome.filter(welcome => welcome.view === view).flatMap(({ when }) => whole(when).split(' || '))
    expect(conditions.sort()).toEqual([...situations.map(cause => `istioSecurity.state == ${cause}`), '!istioSecurity.state'].sort())
  }
})

test('settings that could name a program to run are ignored in an untrusted workspace', () => {
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations
  expect(restricted).toEqual(['istioSecurity.kubeconfig', 'istioSecurity.context', 'istioSecurity.mesh'])
  expect(restricted.every(key => key in contributes.configuration.properties)).toBe(true)
})

test('settings are read once for the window, so none promises to differ by folder', () => {
  const scopes = Object.entries(contributes.configuration.properties).map(([key, { scope }]) => [key, scope])
  expect(scopes.filter(([, scope]) => scope !== 'window')).toEqual([
    ['istioSecurity.kubeconfig', 'machine-overridable'],
    ['istioSecurity.context', 'machine-overridable'],
  ])
})

test('the demo mesh is not offered where no cluster is contacted', () => {
  const demo = contributes.commands.find(({ command }) => command === 'istioSecurity.openDemo')
  expect(demo).toMatchObject({ enablement: 'isWorkspaceTrusted' })
})

test('a kubeconfig that was repaired can be read anew from each view', () => {
  const welcomes = contributes.viewsWelcome.filter(({ when }) => when === 'istioSecurity.state == bad-kubeconfig')
  expect(welcomes.map(({ contents }) => contents.includes('(command:istioSecurity.refresh)'))).toEqual(
    contributes.views.istioSecurity.map(() => true),
  )
})

test('JSON alone activates nothing: most of it has nothing to do with Istio', () => {
  expect(manifest.activationEvents).toEqual(['onLanguage:yaml', 'onLanguage:helm', 'workspaceContains:**/*.istio-test.{yaml,yml,json}'])
})

describe('the colours of SPIFFE ids', () => {
  const grammar = JSON.parse(readFileSync('syntaxes/spiffe.injection.json', 'utf8'))
  const pattern = new RegExp(grammar.repository.spiffeId.match)

  test.each([
    ['cluster.local/ns/shop/sa/checkout', [undefined, 'cluster.local', 'shop', 'checkout']],
    ['- "spiffe://td-1.example.com/ns/shop/sa/web"', ['spiffe://', 'td-1.example.com', 'shop', 'web']],
    ['principals: ["*/ns/shop/sa/*"]', [undefined, '*', 'shop', '*']],
  ])('%s', (text, parts) => {
    const match = pattern.exec(text)
    expect([match?.[1], match?.[2], match?.[4], match?.[6]]).toEqual(parts)
  })

  test.each([
    'path: /api/ns/shop/sa/checkout',
    'cluster.local/ns/shop',
    'a/b/ns/shop/sa/checkout',
    'cluster.local/ns/shop/sa/checkout/more',
  ])('%s is none', text => {
    expect(pattern.exec(text)).toBeNull()
  })
})

test('each snippet is a resource of Istio once its placeholders are filled', () => {
  const snippets = JSON.parse(readFileSync('snippets/istio-security.json', 'utf8')) as Record<string, { prefix: string; body: string[] }>
  for (const { prefix, body } of Object.values(snippets)) {
    const text = body
      .join('\n')
      .replaceAll('$0', '')
      .replace(/\$\{\d+:([^}]*)\}/g, '$1')
    expect(prefix).toMatch(/^istio-/)
    expect(parse(text)).toMatchObject({ apiVersion: 'security.istio.io/v1', metadata: { namespace: 'my-namespace' } })
  }
})
