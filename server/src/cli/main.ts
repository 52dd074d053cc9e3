// Entry of the command line: arguments in, text and an exit code out. The only file that sets the exit code.
// What a command needs is loaded when it runs, so that a wrong option or --version costs nothing.
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { harmless } from '../core/certificate/harmless.ts'
import type { Severity } from '../core/rules/rule.ts'
import { isIstioVersion } from '../workspace/settings.ts'
import type { AccessOptions } from './access.ts'
import type { AuthorizeOptions, Pair } from './authorize.ts'
import { asides, CannotRun } from './cannotRun.ts'
import type { CheckOptions } from './check.ts'
import type { ConnectionOptions } from './connection.ts'
import type { ExplainOptions } from './explain.ts'
import type { GatewayOptions } from './gateway.ts'
import type { MeshOptions } from './mesh.ts'
import type { MtlsOptions } from './mtls.ts'
import type { SnapshotOptions } from './snapshot.ts'
import { readStandardInput } from './standardInput.ts'
import type { TestOptions } from './test.ts'

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

function outputOptions(command: Command, formats: readonly string[] = ['text', 'json']): Command {
  return command
    .addOption(new Option('--format <format>', 'form of the output').choices(formats).default('text'))
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
  .option('--cluster-objects', "judge the cluster's own objects too; without paths, only those", false)
  .option('--drift', 'say where files differ from the cluster: "differs-from-cluster", info where --rule says nothing else', false)
  .addOption(new Option('--schema <mode>', 'judge the structure of the objects').choices(['on', 'off']).default('on'))
  .action(async (paths: string[], given: CheckArguments) => {
    const options: CheckOptions = {
      ...given,
      rules: given.rule,
      structure: given.schema === 'on' ? 'all' : 'off',
      color: wantsColor(given.color),
      ...terminalWidth(),
    }
    const { check } = await import('./check.ts')
    const { output, failed } = await check(paths.length > 0 || (options.clusterObjects && !options.drift) ? paths : ['.'], options)
    print(output)
    if (failed) process.exitCode = 1
  })

outputOptions(worldOptions(program.command('authorize [paths...]')))
  .description('whether a connection or request would be let in, and by which rule')
  .option('--to <workload[:port]>', 'who is called, as namespace/name of a Pod or of what makes it')
  .option('--from <workload>', 'the caller has the identity of this workload')
  .option('--principal <principal>', 'the caller has this identity, such as cluster.local/ns/shop/sa/frontend')
  .option('--plaintext', 'the caller has no identity')
  .option('--service <namespace/name>', 'through a waypoint: the Service that is called')
  .option('--ip <address>', 'address of the TCP peer')
  .option('--remote-ip <address>', 'address of the original client')
  .option('--method <method>', 'HTTP method')
  .option('--path <path>', 'path with its query')
  .option('--host <host>', 'Host header')
  .option('--header <name=value>', 'header (repeatable)', pair, [])
  .option('--claim <name=value>', 'claim of the token that is sent, such as iss=… or sub=… (repeatable)', pair, [])
  .addOption(new Option('--provider <answer>', 'what the authorizer of a CUSTOM policy answers').choices(['allow', 'deny']))
  .option('--sni <name>', 'TLS server name')
  .option('--tcp', 'a TCP connection without HTTP')
  .option('--request <file>', 'one case of a policy test, in the place of the options above; "-" is standard input')
  .action(async (paths: string[], given: Omit<AuthorizeOptions, 'color'> & { readonly color: string }) => {
    const { authorize } = await import('./authorize.ts')
    print(await authorize(paths, { ...given, color: wantsColor(given.color) }))
  })

outputOptions(worldOptions(program.command('access [paths...]')))
  .description('who can call a workload and on which conditions, or what a workload can call')
  .option('--to <workload[:port]>', 'who is called, as namespace/name of a Pod or of what makes it; without a port, all its ports')
  .option('--from <workload>', 'who calls')
  .action(async (paths: string[], given: Omit<AccessOptions, 'color' | 'width'> & { readonly color: string }) => {
    const { access } = await import('./access.ts')
    print(await access(paths, { ...given, color: wantsColor(given.color), ...terminalWidth() }))
  })

outputOptions(worldOptions(program.command('mtls [paths...]')))
  .description('what each server port accepts, what each client sends, and whether they agree')
  .option('--from <workload>', 'only what this workload sends, as namespace/name of a Pod or of what makes it')
  .option('--to <workload|host[:port]>', 'only what is sent to this workload, or to this host')
  .action(async (paths: string[], given: Omit<MtlsOptions, 'color' | 'width'> & { readonly color: string }) => {
    const { mtls } = await import('./mtls.ts')
    await printAll(await mtls(paths, { ...given, color: wantsColor(given.color), ...terminalWidth() }))
  })

outputOptions(worldOptions(program.command('mesh [paths...]')))
  .description('settings, control planes and namespaces of a mesh, and what of it may not be read')
  .action(async (paths: string[], given: MeshOptions) => {
    const { mesh } = await import('./mesh.ts')
    print(await mesh(paths, { ...given, ...terminalWidth() }))
  })

outputOptions(worldOptions(program.command('test [paths...]')), ['text', 'json', 'junit'])
  .description('run policy tests: files *.istio-test.yaml')
  .option('--coverage', 'say which rules decided a case', false)
  .action(async (paths: string[], given: Omit<TestOptions, 'color'> & { readonly color: string }) => {
    const { test } = await import('./test.ts')
    const { output, failed } = await test(paths, { ...given, color: wantsColor(given.color) })
    print(output)
    if (failed) process.exitCode = 1
  })

outputOptions(worldOptions(program.command('explain [text...]')))
  .description('which policy refused what a log line or an error of a proxy tells of, and the repair; without a text, standard input')
  .action(async (text: string[], given: Omit<ExplainOptions, 'color'> & { readonly color: string }) => {
    const { explain } = await import('./explain.ts')
    print(await explain(text, { ...given, color: wantsColor(given.color) }))
  })

outputOptions(worldOptions(program.command('connection [paths...]')))
  .description('the handshake between two pods, step by step, and the first step that fails; exits with 1 where one does')
  .option('--from <namespace/pod>', 'who calls')
  .option('--to <namespace/pod:port>', 'who is called, with the port of the pod')
  .option('--from-dump <file>', "saved /config_dump of the caller's proxy, in the place of the live one")
  .option('--to-dump <file>', "saved /config_dump of the called pod's proxy")
  .option('--now <time>', 'judge validity at this RFC 3339 time')
  .action(async (paths: string[], given: Omit<ConnectionOptions, 'color' | 'width'> & { readonly color: string }) => {
    const { connection } = await import('./connection.ts')
    const { output, failed } = await connection(paths, { ...given, color: wantsColor(given.color), ...terminalWidth() })
    print(output)
    if (failed) process.exitCode = 1
  })

outputOptions(worldOptions(program.command('gateway [namespace/pod]')))
  .description("a gateway's certificates, servers, backend TLS, endpoints, routes and listeners in one report")
  .option('--dump <file>', 'saved /config_dump?include_eds of the gateway, in the place of the live one')
  .option('--clusters <file>', 'with --dump: saved /clusters?format=json, which tells how Envoy found its endpoints')
  .option('--log <file>', "with --dump: saved log of the gateway's proxy")
  .option('--now <time>', 'judge validity at this RFC 3339 time')
  .action(async (pod: string | undefined, given: Omit<GatewayOptions, 'color' | 'width'> & { readonly color: string }) => {
    const { gateway } = await import('./gateway.ts')
    print(await gateway(pod, { ...given, color: wantsColor(given.color), ...terminalWidth() }))
  })

outputOptions(program.command('certificate [file]'))
  .description('decoded certificates of a PEM or DER file, an Envoy config_dump or /certs, or a ztunnel dump')
  .option('--pod <namespace/name>', "read them from this pod's proxy")
  .option('--watch', 'with --pod: a line now and whenever the certificate rotates or is overdue, until Ctrl+C', false)
  .option('--all', 'read one pod of every workload: a table by urgency, and the roots', false)
  .option('--namespace <namespace>', 'with --all or instead of it: only workloads of this namespace (repeatable)', collect, [])
  .option('--now <time>', 'judge validity at this RFC 3339 time')
  .option('--kubeconfig <file>', 'kubeconfig of the cluster the pod runs in')
  .option('--context <name>', 'context of the kubeconfig')
  .action(
    async (
      file: string | undefined,
      given: {
        pod?: string
        watch: boolean
        all: boolean
        namespace: readonly string[]
        now?: string
        format: 'text' | 'json'
        color: string
        kubeconfig?: string
        context?: string
      },
    ) => {
      const color = wantsColor(given.color)
      if (given.all || (given.namespace.length > 0 && given.pod === undefined)) {
        if (file !== undefined || given.pod !== undefined) throw new CannotRun('name a file, a pod, or all workloads, not several of them')
        const { certificates } = await import('./certificates.ts')
        return print(await certificates({ ...given, color, ...terminalWidth() }))
      }
      if (given.pod !== undefined) {
        if (file !== undefined) throw new CannotRun('name a file or a pod, not both')
        const { podCertificate, watchPodCertificate } = await import('./podCertificate.ts')
        if (given.watch) return watchPodCertificate({ ...given, pod: given.pod, color }, { print, tell, signal: interrupted() })
        return print(await podCertificate({ ...given, pod: given.pod, color }))
      }
      if (given.watch) throw new CannotRun('--watch follows a pod: name it with --pod NAMESPACE/NAME')
      if (file === undefined) throw new CannotRun('name a file ("-" is standard input), a pod with --pod NAMESPACE/NAME, or --all')
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
  .command('snapshot')
  .description('the mesh of a cluster as a List for --mesh, without Secrets: to look at later, or for a report of a defect')
  .option('--out <file>', 'where to write it, as JSON where the name ends in .json, else as YAML; "-" or absent: standard output')
  .option('--pseudonyms', 'replace names, the same everywhere, so that every decision stays the same', false)
  .option('--kubeconfig <file>', 'kubeconfig of the cluster')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--namespace <namespace>', 'namespace to read (repeatable); absent: the whole cluster', collect, [])
  .action(async (given: Omit<SnapshotOptions, 'version'>) => {
    const { snapshot } = await import('./snapshot.ts')
    print(await snapshot({ ...given, version: VERSION }))
  })

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

function pair(value: string, before: readonly Pair[]): readonly Pair[] {
  const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? []
  if (name === undefined || text === undefined) throw new InvalidArgumentError('Write it as name=value.')
  return [...before, [name, text]]
}

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

function terminalWidth(): { readonly width?: number } {
  const columns = process.stdout.isTTY ? process.stdout.columns : undefined
  return columns ? { width: columns } : {}
}

/** No faster than it is read. */
async function printAll(pieces: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces), process.stdout, { end: false }).catch(ignoreClosedPipe)
}

function print(text: string): void {
  process.stdout.write(text)
}

function tell(sentence: string): void {
  process.stderr.write(`istio-security: ${sentence}\n`)
}

/** Aborted by the first Ctrl+C, or a request to end; the second ends the process as ever. */
function interrupted(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}

/** A reader that closes early (`| head`) has seen enough. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

process.stdout.on('error', ignoreClosedPipe)

try {
  await program.parseAsync()
  for (const aside of asides) process.stderr.write(`istio-security: ${harmless(aside)}\n`)
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
  if (error instanceof CommanderError || error instanceof CannotRun) {
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ')
    const why = asides.size > 0 ? ` (${[...asides].join('; ')})` : ''
    // It may repeat a name that a stranger gave.
    return harmless(`${message}${why}`)
  }
  return `this is a defect: ${error instanceof Error ? (error.stack ?? error.message) : error}`
}
