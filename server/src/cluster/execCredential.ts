// Runs a kubeconfig's credential program: bounded in time, without our standard input, and with its output kept out of sentences.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
import { spawn } from 'node:child_process'
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

/** Runs the program once. Never rejects; the detail is one redacted sentence part, such as `"aws" ended with status 255: Token has expired`. */
export function runExecPlugin(
  plugin: ExecPlugin,
  cluster: Cluster,
  redact: Redact,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<ExecAnswer> {
  if (plugin.interactiveMode === 'Always') return Promise.resolve(refused(`"${plugin.command}" needs a terminal to sign in`))
  return new Promise(resolve => {
    const child = spawn(plugin.command, plugin.args, {
      env: { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: execInfo(plugin, cluster) },
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
      finish(refused(missing ? `the credential program "${plugin.command}" was not found` : `"${plugin.command}" could not be started`))
    })
    child.on('close', status => {
      if (status !== 0) finish(refused(redact(`"${plugin.command}" ended with status ${status}${lastLine(errors)}`)))
      else finish(readCredential(output, plugin.command))
    })
  })
}

function readCredential(output: string, command: string): ExecAnswer {
  try {
    const { status } = JSON.parse(output) as { status?: Record<string, unknown> }
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

function execInfo(plugin: ExecPlugin, cluster: Cluster): string {
  const described = {
    server: cluster.server,
    'insecure-skip-tls-verify': cluster.skipTlsVerify,
    ...(cluster.tlsServerName ? { 'tls-server-name': cluster.tlsServerName } : {}),
    ...(cluster.caData ? { 'certificate-authority-data': cluster.caData } : {}),
    ...(cluster.proxyUrl ? { 'proxy-url': cluster.proxyUrl } : {}),
  }
  return JSON.stringify({
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(plugin.provideClusterInfo ? { cluster: described } : {}) },
  })
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
