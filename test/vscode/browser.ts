// The Chromium that the real-editor tests drive: an installed one, else the one from the npm registry, which needs no root.
import { createReadStream, createWriteStream, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createBrotliDecompress } from 'node:zlib'
import { installOnce, npmCi, type Steps } from './npmCi.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const browserDir = join(here, 'browser')
const packages = join(browserDir, 'node_modules')

/** How to launch it: the program, and the variables it needs besides the usual ones. */
export interface Browser {
  readonly executablePath: string
  readonly env: Readonly<Record<string, string>>
}

/** The browser to use, installed if need be; undefined where there is none and npm has none for this platform. */
export async function findBrowser({ progress, signal }: Steps): Promise<Browser | undefined> {
  const installed = installedBrowser()
  if (installed !== undefined) return { executablePath: installed, env: {} }
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const inputs = [join(browserDir, 'package.json'), join(browserDir, 'package-lock.json'), join(here, 'browser.ts')]
  await installOnce(browserDir, inputs, async () => {
    progress('Installing a browser for the tests (the npm package @sparticuz/chromium), once …')
    await npmCi(browserDir, [], signal)
    await unpack()
  })
  return {
    executablePath: join(unpacked, 'chromium'),
    // The libraries come after the system's own, so that they only fill in what a bare machine lacks.
    env: { FONTCONFIG_FILE: join(unpacked, 'fonts.conf'), LD_LIBRARY_PATH: joinPaths(process.env.LD_LIBRARY_PATH, join(unpacked, 'lib')) },
  }
}

function installedBrowser(): string | undefined {
  const named = process.env.CHROMIUM_PATH
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names "${named}", which does not exist.`)
    return named
  }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  return folders.flatMap(folder => names.map(name => join(folder, name))).find(path => existsSync(path))
}

const unpacked = join(packages, '.unpacked')

/** The package's own unpacking would leave its files in the shared temporary folder, and trust whatever lies there already. */
async function unpack(): Promise<void> {
  const bin = join(packages, '@sparticuz', 'chromium', 'bin')
  const { extract } = createRequire(join(packages, 'x'))('tar-fs') as { extract(dir: string): NodeJS.WritableStream }
  const brotli = (name: string) => createReadStream(join(bin, name)).pipe(createBrotliDecompress())
  mkdirSync(unpacked, { recursive: true })
  await pipeline(brotli('chromium.br'), createWriteStream(join(unpacked, 'chromium'), { mode: 0o755 }))
  await pipeline(brotli('al2023.tar.br'), extract(unpacked))
  await pipeline(brotli('fonts.tar.br'), extract(unpacked))
  writeFileSync(join(unpacked, 'fonts.conf'), fontsConf)
}

/** The same fonts on every machine, so that screenshots differ only where the product does. */
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(unpacked, 'fonts')}</dir>
  <dir>${join(packages, 'dejavu-fonts-ttf', 'ttf')}</dir>
  <cachedir>${join(unpacked, 'fontconfig')}</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family><family>DejaVu Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Open Sans</family><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
`

function joinPaths(...paths: readonly (string | undefined)[]): string {
  return paths.filter(path => path !== undefined && path !== '').join(delimiter)
}
