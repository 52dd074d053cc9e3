// Runs a kubeconfig's credential program: bounded in time, without our standard input, and with its output kept out of sentences.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { Cluster, ExecPlugin } from './kubeconfig.ts'
import type { Redact } from './redact.ts'

export interface ExecCredential {
  readonly token?: string
  /** PEM. */
  readonly certificate?: string
  readonly key?: string
  /** Milliseconds since the epoch; absent: until the API server refuses it. */
  readonly expires?: number
}

export type ExecAnswer = { readonly ok: true; readonly value: ExecCredential } | { readonly ok: false; readonly detail: string }

const longestOutput = 1_000_000
const longestHint = 300

/** What client-go still speaks. */
const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/** Runs the program once. Never rejects; the detail is one redacted sentence part, such as `"aws" ended with status 255: Token has expired`. */
export async function runExecPlugin(
  plugin: ExecPlugin,
  cluster: Cluster,
  redact: Redact,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<ExecAnswer> {
  const { command, apiVersion } = plugin
  if (!versions.includes(apiVersion)) return refused(`"${command}" is asked for ${apiVersion}; only v1 and v1beta1 of it exist`)
  // What needs a terminal would wait for it until its deadline.
  if (plugin.interactiveMode === 'Always')
    return refused(`"${command}" signs in at a terminal (interactiveMode: Always), and here is none; set IfAvailable if it can do without`)
  const info = await execInfo(plugin, cluster)
  return signal.aborted ? refused('cancelled') : run(plugin, info, redact, deadlineMs, signal)
}

function run(plugin: ExecPlugin, info: string, redact: Redact, deadlineMs: number, signal: AbortSignal): Promise<ExecAnswer> {
  return new Promise(resolve => {
    // An editor makes its own program a Node by this; no other program is meant.
    const { ELECTRON_RUN_AS_NODE: _, ...inherited } = process.env
    const child = spawn(plugin.command, plugin.args, {
      env: { ...inherited, ...plugin.env, KUBERNETES_EXEC_INFO: info },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    })
    let output = ''
    let errors = ''
    const finish = (answer: ExecAnswer) => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', abort)
      resolve(answer)
    }
    const end = (detail: string) => {
      child.kill('SIGKILL')
      // A grandchild may hold the pipes open: their end is not waited for.
      child.stdout.destroy()
      child.stderr.destroy()
      finish(refused(detail))
    }
    const abort = () => end('cancelled')
    const deadline = setTimeout(() => end(`"${plugin.command}" did not answer within ${deadlineMs / 1000} s`), deadlineMs)
    signal.addEventListener('abort', abort, { once: true })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > longestOutput) end(`"${plugin.command}" printed more than a megabyte`)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4_000)
    })
    child.on('error', error => {
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      finish(
        refused(
          missing ? `the credential program "${plugin.command}" was not found${hint(plugin)}` : `"${plugin.command}" could not be started`,
        ),
      )
    })
    child.on('close', status => {
      if (status !== 0) finish(refused(redact(`"${plugin.command}" ended with status ${status}${lastLine(errors)}`)))
      else finish(readCredential(output, plugin))
    })
  })
}

function readCredential(output: string, { command, apiVersion }: ExecPlugin): ExecAnswer {
  try {
    const printed = JSON.parse(output) as { apiVersion?: unknown; status?: Record<string, unknown> | null }
    if (printed.apiVersion !== undefined && printed.apiVersion !== apiVersion)
      return refused(`"${command}" answers in another version than the kubeconfig asks for, ${apiVersion}`)
    const { status } = printed
    const token = textOf(status?.token)
    const certificate = textOf(status?.clientCertificateData)
    const key = textOf(status?.clientKeyData)
    const expires = Date.parse(textOf(status?.expirationTimestamp) ?? '')
    if (!token && !(certificate && key)) return refused(`"${command}" printed no credentials`)
    return {
      ok: true,
      value: {
        ...(token ? { token } : {}),
        ...(certificate && key ? { certificate, key } : {}),
        ...(Number.isNaN(expires) ? {} : { expires }),
      },
    }
  } catch {
    // The parser's message would quote the output, which holds credentials.
    return refused(`"${command}" printed something that is not JSON`)
  }
}

/** client-go, plugin/pkg/client/auth/exec and pkg/apis/clientauthentication. */
async function execInfo({ apiVersion, provideClusterInfo }: ExecPlugin, cluster: Cluster): Promise<string> {
  const told = provideClusterInfo ? await described(cluster) : undefined
  return JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false, ...(told ? { cluster: told } : {}) } })
}

async function described(cluster: Cluster): Promise<Readonly<Record<string, unknown>>> {
  const { server, caFile, skipTlsVerify, tlsServerName, proxyUrl, disableCompression, execConfig } = cluster
  // Without its file a program may still answer; the connection then says what is missing.
  const caData = caFile
    ? await readFile(caFile).then(
        pem => pem.toString('base64'),
        () => undefined,
      )
    : cluster.caData
  return {
    server,
    ...(tlsServerName ? { 'tls-server-name': tlsServerName } : {}),
    ...(skipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(caData ? { 'certificate-authority-data': caData } : {}),
    ...(proxyUrl ? { 'proxy-url': proxyUrl } : {}),
    ...(disableCompression ? { 'disable-compression': true } : {}),
    config: execConfig ?? null,
  }
}

function hint({ installHint }: ExecPlugin): string {
  const text = installHint?.replace(/\s+/g, ' ').trim().slice(0, longestHint).replace(/\.$/, '')
  return text ? `; its hint: ${text}` : ''
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim().slice(0, 200)
  return line ? `: ${line}` : ''
}

function refused(detail: string): ExecAnswer {
  return { ok: false, detail }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
