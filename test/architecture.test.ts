// The import table of ARCHITECTURE.md, enforced: what each folder may import beside its own files, and what it may not name.
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize } from 'node:path'
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'

const node = builtinModules.flatMap(name => [name, `node:${name}`])
const inCore = (...folders: readonly string[]) => folders.map(folder => `server/src/core/${folder}/`)

const yaml = inCore('yaml')
const istio = [...inCore('istio'), ...yaml]
const mesh = [...inCore('mesh'), ...istio]
const decide = [...inCore('decide'), ...mesh]
const explain = [...inCore('explain'), ...decide]
const policytest = [...inCore('policytest'), ...decide]
const rules = [...inCore('rules'), ...policytest]
const certificate = [...inCore('certificate'), ...istio]
const proxy = [...inCore('proxy'), ...certificate]
const live = [...inCore('live'), ...decide, ...proxy]
const report = [...inCore('report'), ...explain, ...rules, ...live]
const features = [...inCore('features'), ...report]
const core = ['server/src/core/']
const workspace = ['server/src/workspace/', ...core]
const cluster = ['server/src/cluster/', 'server/src/protocol.ts', ...core]

/** Folder (or file) → what its files may import. The longest matching folder counts. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'server/src/core/yaml/': [...yaml, 'yaml'],
  // MeshConfig is YAML inside a ConfigMap.
  'server/src/core/istio/': [...istio, 'yaml'],
  'server/src/core/istio/cel/cel.ts': [...istio, '@bufbuild/cel', '@bufbuild/cel/ext'],
  'server/src/core/mesh/': mesh,
  'server/src/core/decide/': decide,
  'server/src/core/explain/': explain,
  'server/src/core/policytest/': policytest,
  'server/src/core/rules/': rules,
  'server/src/core/certificate/': [
    ...certificate,
    '@peculiar/x509',
    '@peculiar/asn1-schema',
    '@peculiar/asn1-x509',
    'asn1js',
    'reflect-metadata',
    'node:crypto',
  ],
  'server/src/core/proxy/': proxy,
  'server/src/core/live/': live,
  'server/src/core/report/': report,
  'server/src/core/features/': [...features, 'vscode-languageserver-types'],
  'server/src/protocol.ts': ['server/src/protocol/', ...core, 'vscode-languageserver-protocol'],
  'server/src/protocol/': ['server/src/protocol/', ...core],
  'server/src/workspace/': [...workspace, ...node],
  'server/src/cluster/': [...cluster, ...node, '@kubernetes/client-node', 'ws'],
  'server/src/lsp/': [
    'server/src/lsp/',
    ...workspace,
    ...cluster,
    ...node,
    'vscode-languageserver',
    'vscode-languageserver/node',
    'vscode-languageserver-textdocument',
  ],
  'server/src/cli/': ['server/src/cli/', 'server/src/lsp/main.ts', ...workspace, ...cluster, ...node, 'commander'],
  'client/src/': ['client/src/', 'server/src/protocol.ts', ...node, 'vscode', 'vscode-languageclient/node'],
  'client/src/kubernetesExtension.ts': ['client/src/', 'server/src/protocol.ts', 'vscode', 'vscode-kubernetes-tools-api'],
}

/** Loaded only where they are needed, so that starting stays cheap. */
const onlyLazily: readonly { readonly from: string; readonly target: string }[] = [
  { from: 'server/src/lsp/', target: 'server/src/cluster/' },
  { from: 'server/src/cli/', target: 'server/src/lsp/' },
  { from: 'server/src/', target: 'server/src/core/istio/cel/cel.ts' },
  { from: 'server/src/cli/main.ts', target: 'server/src/cluster/' },
  { from: 'server/src/cluster/', target: 'server/src/core/proxy/readCertificates.ts' },
  // Types alone: the extension itself answers.
  { from: 'client/src/', target: 'vscode-kubernetes-tools-api' },
]

interface Import {
  readonly target: string
  readonly typeOnly: boolean
  readonly lazy: boolean
}

const sources = ['client/src', 'server/src']
  .flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => join(folder, name)))
  .filter(path => path.endsWith('.ts'))

function importsOf(path: string, text: string): readonly Import[] {
  const { module } = parseSync(path, text)
  const resolve = (name: string) => (name.startsWith('.') ? normalize(join(dirname(path), name)) : name)
  const eager = module.staticImports.map(({ moduleRequest, entries }) => ({
    target: resolve(moduleRequest.value),
    typeOnly: entries.length > 0 && entries.every(entry => entry.isType),
    lazy: false,
  }))
  const reexported = module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ moduleRequest, isType }) =>
      moduleRequest ? [{ target: resolve(moduleRequest.value), typeOnly: isType, lazy: false }] : [],
    )
  const lazy = module.dynamicImports.map(({ moduleRequest }) => ({
    target: resolve(text.slice(moduleRequest.start + 1, moduleRequest.end - 1)),
    typeOnly: false,
    lazy: true,
  }))
  return [...eager, ...reexported, ...lazy]
}

function tableOf(path: string): readonly string[] {
  const folder = Object.keys(mayImport)
    .filter(each => path.startsWith(each))
    .toSorted((a, b) => b.length - a.length)[0]
  if (!folder) throw new Error(`${path} stands in no folder of the table`)
  return mayImport[folder] ?? []
}

describe.each(sources)('%s', path => {
  const text = readFileSync(path, 'utf8')
  const imports = importsOf(path, text)

  test('imports what its folder may import', () => {
    const allowed = tableOf(path)
    const wrong = imports
      .filter(({ target }) => !allowed.some(each => target === each || (each.endsWith('/') && target.startsWith(each))))
      .map(({ target }) => target)
    expect(wrong).toEqual([])
  })

  test('loads heavy parts lazily', () => {
    const tooEarly = imports.filter(
      ({ target, typeOnly, lazy }) =>
        !typeOnly &&
        !lazy &&
        onlyLazily.some(each => path.startsWith(each.from) && !path.startsWith(each.target) && target.startsWith(each.target)),
    )
    // Files that are themselves loaded lazily may import what they are about.
    const isLazyItself = /cli\/(clusterOnce|podCertificate)\.ts$/.test(path)
    expect(isLazyItself ? [] : tooEarly.map(({ target }) => target)).toEqual([])
  })

  if (path.startsWith('server/src/core/')) {
    test('knows no clock, process or console', () => {
      const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|`(?:\\.|[^`])*`|'(?:\\.|[^'\n])*'/g, '')
      expect(/\b(?:console|Date\.now|process|setTimeout|setInterval|performance)\b/.exec(code)?.[0]).toBeUndefined()
    })
  }
})

test('only the command line sets an exit code', () => {
  const setting = sources.filter(path => /process\.exit(?:Code)?\b/.test(readFileSync(path, 'utf8')))
  expect(setting).toEqual(['server/src/cli/main.ts'])
})
