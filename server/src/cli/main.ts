// Entry of the command line: arguments in, text and an exit code out. The only file that sets the exit code.
// What a command needs is loaded when it runs, so that a wrong option or --version costs nothing.
import { readFile } from 'node:fs/promises'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Severity } from '../core/rules/rule.ts'
import { isIstioVersion } from '../workspace/settings.ts'
import { CannotRun } from './cannotRun.ts'
import type { CheckOptions } from './check.ts'
import { readStandardInput } from './standardInput.ts'

/** Replaced by the build with the version of package.json. */
declare const VERSION: string

type CheckArguments = Omit<CheckOptions, 'rules' | 'structure' | 'color' | 'width'> & {
  readonly rule: CheckOptions['rules']
  readonly schema: 'on' | 'off'
  readonly color: string
}

const severities = ['error', 'warning', 'info', 'hint']
const collect = (value: string, before: readonly string[]) => [...before, value]

function worldOptions(command: Command): Command {
  return command
    .option('--mesh <path>', 'file or folder of the objects around the given paths (repeatable)', collect, [])
    .option('--closed-world', 'paths and mesh are everything there is, so absence is proof', false)
    .option('--kubeconfig <file>', 'read the world from the cluster of this kubeconfig')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--namespace <namespace>', 'namespace to read, and of objects that name none (repeatable)', collect, [])
    .option('--istio-version <version>', 'judge for this version, such as 1.30', istioVersion)
    .option('--root-namespace <namespace>', 'root namespace of the mesh')
    .option('--trust-domain <domain>', 'trust domain of the mesh')
}

function outputOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'))
    .addOption(new Option('--color <when>', 'when to use colour').choices(['auto', 'always', 'never']).default('auto'))
}

const program = new Command('istio-security')
  .description("Istio's security model on the command line: the same judgement as in the editor.")
  .version(VERSION)
  .exitOverride()
  .configureOutput({ writeErr: () => {} })
  .showSuggestionAfterError()

outputOptions(worldOptions(program.command('check [paths...]')))
  .description('findings in files and folders; "-" is standard input')
  .addOption(new Option('--fail-on <severity>', 'exit with 1 from this severity on').choices([...severities, 'never']).default('error'))
  .option('--rule <id=severity>', 'severity of a rule: off, error, warning, info or hint (repeatable)', ruleSeverity, {})
  .option('--fix', 'apply the fixes that leave no choice', false)
  .addOption(new Option('--schema <mode>', 'judge the structure of the objects').choices(['on', 'off']).default('on'))
  .action(async (paths: string[], given: CheckArguments) => {
    const columns = process.stdout.isTTY ? process.stdout.columns : undefined
    const options: CheckOptions = {
      ...given,
      rules: given.rule,
      structure: given.schema === 'on' ? 'all' : 'off',
      color: wantsColor(given.color),
      ...(columns ? { width: columns } : {}),
    }
    const { check } = await import('./check.ts')
    const { output, failed } = await check(paths.length > 0 ? paths : ['.'], options)
    print(output)
    if (failed) process.exitCode = 1
  })

outputOptions(program.command('certificate [file]'))
  .description('decoded certificates of a PEM or DER file, an Envoy config_dump or /certs, or a ztunnel dump')
  .option('--pod <namespace/name>', "read them from this pod's proxy")
  .option('--now <time>', 'judge validity at this RFC 3339 time')
  .option('--kubeconfig <file>', 'kubeconfig of the cluster the pod runs in')
  .option('--context <name>', 'context of the kubeconfig')
  .action(
    async (
      file: string | undefined,
      given: { pod?: string; now?: string; format: 'text' | 'json'; color: string; kubeconfig?: string; context?: string },
    ) => {
      const color = wantsColor(given.color)
      if (given.pod !== undefined) {
        if (file !== undefined) throw new CannotRun('name a file or a pod, not both')
        const { podCertificate } = await import('./podCertificate.ts')
        return print(await podCertificate({ ...given, pod: given.pod, color }))
      }
      if (file === undefined) throw new CannotRun('name a file ("-" is standard input) or a pod with --pod NAMESPACE/NAME')
      const now = given.now ?? new Date().toISOString()
      const { certificate } = await import('./certificate.ts')
      const result = await certificate(
        { format: given.format, now, color, file },
        { readFile: path => (path === '-' ? readStandardInput() : readFile(path)) },
      )
      if (!result.ok) throw new CannotRun(result.error)
      print(result.output)
    },
  )

program
  .command('rules [id]')
  .description('the rules, or one with its documentation')
  .action(async (id: string | undefined) => {
    const { rules } = await import('./rules.ts')
    print(rules(id))
  })

program
  .command('lsp')
  .description('language server for any editor')
  .requiredOption('--stdio', 'speak over standard input and output')
  .action(async () => {
    await import('../lsp/main.ts')
  })

function istioVersion(value: string): string {
  if (!isIstioVersion(value)) throw new InvalidArgumentError('A version is written like 1.30.')
  return value
}

function ruleSeverity(value: string, before: CheckOptions['rules']): CheckOptions['rules'] {
  const [id = '', severity = ''] = value.split('=')
  if (severity !== 'off' && !severities.includes(severity))
    throw new InvalidArgumentError('A severity is off, error, warning, info or hint.')
  return { ...before, [id]: severity as Severity | 'off' }
}

function wantsColor(when: string): boolean {
  if (when === 'auto') return process.stdout.isTTY === true && !process.env.NO_COLOR
  return when === 'always'
}

function print(text: string): void {
  process.stdout.write(text)
}

/** A reader that closes early (`| head`) has seen enough. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = 0
  else {
    const message = messageOf(error)
    process.stderr.write(`istio-security: ${message.replace(/\n(?=\S)/g, ' ')}\n`)
    process.exitCode = 2
  }
}

function messageOf(error: unknown): string {
  // Without a command commander would print its help.
  if (error instanceof CommanderError && error.code === 'commander.help') return 'name a command; "istio-security --help" lists them'
  if (error instanceof CommanderError || error instanceof CannotRun) return error.message.replace(/^error: /, '')
  return `this is a defect: ${error instanceof Error ? (error.stack ?? error.message) : error}`
}
