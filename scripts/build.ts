// Bundles the extension, the language server, the command line and the demo mesh into dist/.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type BuildOptions, build, context } from 'esbuild'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const watch = process.argv.includes('--watch')

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  minify: !watch,
  sourcemap: watch ? 'linked' : false,
  logLevel: 'warning',
  metafile: true,
  legalComments: 'none',
  define: { VERSION: JSON.stringify(version) },
}

// CommonJS packages inside an ES module bundle still call require() for Node's own modules.
const requireForBundledPackages =
  "import { createRequire as createRequireOfNode } from 'node:module'; const require = createRequireOfNode(import.meta.url);"

const bundles: readonly BuildOptions[] = [
  {
    ...common,
    entryPoints: ['client/src/extension.ts'],
    outfile: 'dist/extension.cjs',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
  },
  {
    ...common,
    entryPoints: { server: 'server/src/lsp/main.ts', cli: 'server/src/cli/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    splitting: true,
    target: 'node20',
    banner: { js: requireForBundledPackages },
    external: ['bufferutil', 'utf-8-validate'],
  },
  {
    ...common,
    entryPoints: ['client/src/pages/evaluate/script/form.ts'],
    outfile: 'dist/evaluateForm.js',
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
  },
  {
    ...common,
    entryPoints: ['demo/main.ts'],
    outfile: 'dist/demo.cjs',
    format: 'cjs',
    target: 'node20',
    external: ['bufferutil', 'utf-8-validate'],
  },
]

rmSync('dist', { recursive: true, force: true })
if (watch) {
  for (const options of bundles) await (await context(options)).watch()
  process.stdout.write('Watching …\n')
} else {
  const results = await Promise.all(bundles.map(options => build(options)))
  const [, server] = results
  writeFileSync('dist/server.meta.json', JSON.stringify(server?.metafile))
}
