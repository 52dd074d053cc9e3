// Extensions of others are not installed for tests: their stand-ins in standIn/ are, with the same names.
import { cpSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createVSIX } from '@vscode/vsce'
import { build } from 'esbuild'
import { installVsix, type Profile } from './host.ts'

/** Packs the stand-in in standIn/NAME and installs it, for this profile only; a window has it when it is opened next. */
export async function installStandIn(profile: Profile, name: string): Promise<void> {
  const source = fileURLToPath(new URL(`standIn/${name}`, import.meta.url))
  const dir = mkdtempSync(join(profile.dir, 'stand-in-'))
  const packagePath = join(dir, `${name}.vsix`)
  cpSync(join(source, 'package.json'), join(dir, 'package.json'))
  await build({
    entryPoints: [join(source, 'extension.ts')],
    outfile: join(dir, 'extension.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode'],
    logLevel: 'error',
  })
  await createVSIX({ cwd: dir, packagePath, dependencies: false, allowMissingRepository: true, skipLicense: true })
  await installVsix(profile, packagePath)
}
