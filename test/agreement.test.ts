// What is written in several places says the same everywhere: manifest, code, generated files, documents.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { rules } from '../server/src/core/rules/index.ts'
import { defaults, readSettings } from '../server/src/workspace/settings.ts'

const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const read = (path: string) => readFileSync(path, 'utf8')

test('generated files are up to date', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/generate.ts', '--check'], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

test('the settings of the manifest are the settings of the server', () => {
  const declared = Object.keys(manifest.contributes.configuration.properties).map(key => key.replace('istioSecurity.', ''))
  const everything = {
    mesh: ['a'],
    closedWorld: true,
    cluster: 'off',
    kubeconfig: 'a',
    context: 'a',
    namespaces: ['a'],
    rules: {},
    schemaValidation: 'on',
    istioVersion: '1.30',
    inlayHints: true,
    codeLens: true,
  }
  expect(declared.toSorted()).toEqual(Object.keys(readSettings(everything)).toSorted())
  for (const [key, value] of Object.entries(defaults))
    expect(manifest.contributes.configuration.properties[`istioSecurity.${key}`].default, key).toEqual(value)
})

test('every rule has its setting', () => {
  expect(Object.keys(manifest.contributes.configuration.properties['istioSecurity.rules'].properties)).toEqual(rules.map(rule => rule.id))
})

test('the lock file and the package settings name no registry', () => {
  for (const path of ['package-lock.json', 'test/vscode/host/package-lock.json']) expect(read(path)).not.toMatch(/"resolved"/)
  for (const path of ['.npmrc', 'test/vscode/host/.npmrc']) expect(read(path)).toContain('omit-lockfile-registry-resolved=true')
})

test('the editor types are those of the oldest editor that is supported', () => {
  expect(`^${manifest.devDependencies['@types/vscode']}`).toBe(manifest.engines.vscode)
})

describe('README', () => {
  const readme = read('README.md')

  test('shows only pictures that exist', () => {
    const pictures = [...readme.matchAll(/\]\((docs\/[^)]+\.png)\)/g)].map(match => match[1] ?? '')
    expect(pictures.length).toBeGreaterThan(0)
    for (const picture of pictures) expect(existsSync(picture), picture).toBe(true)
  })

  test('names every script that people run', () => {
    for (const script of ['demo', 'test', 'test:cluster', 'build', 'package'])
      expect(readme).toContain(script === 'test' ? 'npm test' : `npm run ${script}`)
  })
})

test('ARCHITECTURE.md names every folder of the server', () => {
  const architecture = read('ARCHITECTURE.md')
  const folders = ['server/src', 'server/src/core'].flatMap(root =>
    readdirSync(root, { withFileTypes: true })
      .filter(each => each.isDirectory())
      .map(each => each.name),
  )
  for (const folder of folders) expect(architecture).toContain(`${folder}/`)
})
