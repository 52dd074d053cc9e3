// Every expected failure of talking to a cluster in words: what happened and why, and what to do now. The one table of these sentences.
import { never } from '../istio/values/principal.ts'
import { permissionCosts } from './permissionCosts.ts'
import { list } from './words.ts'

/** Why something could not be answered: the kind for code, the sentence for people. */
export type Problem = ClusterProblem & {
  /** What happened and why, one sentence. */
  readonly message: string
  /** What to do now, one sentence. */
  readonly remedy: string
}

export type ClusterProblem =
  | { readonly kind: 'not-connected' }
  | { readonly kind: 'untrusted-workspace' }
  | { readonly kind: 'no-kubeconfig'; readonly path: string }
  | { readonly kind: 'bad-kubeconfig'; readonly path: string; readonly detail: string }
  | { readonly kind: 'no-context'; readonly context: string; readonly known: readonly string[] }
  | { readonly kind: 'old-runtime'; readonly version: string }
  /** `distrusted`: it does answer, with a certificate that is not accepted. */
  | { readonly kind: 'unreachable'; readonly context: string; readonly detail: string; readonly distrusted?: Distrusted }
  | { readonly kind: 'unauthorized'; readonly context: string; readonly detail: string }
  | { readonly kind: 'program-refused'; readonly context: string; readonly command: string }
  /** `except`: namespaces in which it may be done, where it may not in the whole cluster. */
  | {
      readonly kind: 'forbidden'
      readonly verb: string
      readonly resource: string
      readonly namespace?: string
      readonly except?: readonly string[]
    }
  | { readonly kind: 'no-istio'; readonly context: string }
  | { readonly kind: 'closed-cluster'; readonly context: string }
  | { readonly kind: 'connecting'; readonly context: string }
  | { readonly kind: 'not-found'; readonly resource: string; readonly namespace?: string; readonly name: string }
  | { readonly kind: 'not-shown'; readonly resource: string; readonly name: string }
  | { readonly kind: 'no-proxy'; readonly pod: PodRef }
  | { readonly kind: 'no-envoy'; readonly pod: PodRef }
  | { readonly kind: 'no-ztunnel'; readonly pod: PodRef; readonly node: string }
  | { readonly kind: 'not-running'; readonly pod: PodRef; readonly phase: string }
  | { readonly kind: 'proxy-silent'; readonly pod: PodRef; readonly detail: string }
  | { readonly kind: 'too-large'; readonly pod: PodRef; readonly limitBytes: number }
  | { readonly kind: 'truncated'; readonly pod: PodRef; readonly detail: string }
  | { readonly kind: 'unreadable'; readonly pod: PodRef; readonly detail: string }
  | { readonly kind: 'timed-out'; readonly what: string; readonly seconds: number }
  | { readonly kind: 'cancelled' }

/** What of a server's certificate is not as it has to be: who signed it, the names in it, when it is valid. */
export type Distrusted = 'issuer' | 'name' | 'time'

export interface PodRef {
  readonly namespace: string
  readonly name: string
  /** The context the pod belongs to; absent: the connected one. */
  readonly context?: string
}

/** The problem with its sentences. */
export function explainProblem(problem: ClusterProblem): Problem {
  return { ...problem, ...describeProblem(problem) }
}

/** One sentence that says what happened and why, one that says what to do now. Plain text. */
export function describeProblem(problem: ClusterProblem): { readonly message: string; readonly remedy: string } {
  switch (problem.kind) {
    case 'not-connected':
      return { message: 'No cluster is connected, so only files are checked.', remedy: 'Choose a context.' }
    case 'untrusted-workspace':
      return {
        message: 'This workspace is not trusted, so no cluster is contacted: a kubeconfig can run programs.',
        remedy: 'Trust the workspace to connect.',
      }
    case 'no-kubeconfig':
      return {
        message: `No kubeconfig was found at "${problem.path}", so no cluster is known.`,
        remedy: 'Set KUBECONFIG or the setting "istioSecurity.kubeconfig" to a file that exists.',
      }
    case 'bad-kubeconfig':
      return {
        message: `The kubeconfig "${problem.path}" could not be used: ${reason(problem.detail)}.`,
        remedy: 'Correct the file, then refresh.',
      }
    case 'no-context':
      return problem.context === ''
        ? { message: 'The kubeconfig has no current context.', remedy: chooseAmong(problem.known) }
        : { message: `The kubeconfig has no context "${problem.context}".`, remedy: chooseAmong(problem.known) }
    case 'old-runtime':
      return {
        message: `Node ${problem.version} is too old to connect to a cluster, which takes 22.19 or newer.`,
        remedy: 'Install Node 22.19 or newer; files are checked without it.',
      }
    case 'unreachable':
      if (problem.distrusted) return describeDistrusted(problem.context, problem.distrusted, problem.detail)
      return {
        message: `The API server of "${problem.context}" does not answer (${reason(problem.detail)}).`,
        remedy: 'Check the network or VPN, then retry, or choose another context.',
      }
    case 'unauthorized':
      return {
        message: `The API server of "${problem.context}" does not accept these credentials (${reason(problem.detail)}).`,
        remedy: 'Sign in again, then refresh.',
      }
    case 'program-refused':
      return {
        message: `The context "${problem.context}" signs in with the program "${problem.command}", which was not allowed to run.`,
        remedy: 'Try again to be asked once more, or choose another context.',
      }
    case 'forbidden':
      return describeForbidden(problem)
    case 'no-istio':
      return {
        message: `The cluster of "${problem.context}" has no Istio kinds, so it holds no security policies.`,
        remedy: 'Install Istio, or choose another context.',
      }
    case 'connecting':
      return { message: `The cluster "${problem.context}" is still being connected.`, remedy: 'Its rows appear once it is.' }
    case 'closed-cluster':
      return {
        message: `The cluster "${problem.context}" is not open any more, so nothing is read from it.`,
        remedy: `Choose the context "${problem.context}" to open it again.`,
      }
    case 'not-found':
      return {
        message: `There is no ${problem.resource} "${problem.name}"${within(problem.namespace)}.`,
        remedy: 'It may have been replaced meanwhile: refresh and choose again.',
      }
    case 'not-shown':
      return {
        message: `${problem.resource} "${problem.name}" is not shown: objects of this kind are not read.`,
        remedy: 'Read it with kubectl.',
      }
    case 'no-envoy':
      return {
        message: `${pod(problem.pod)} has no Envoy of its own: its node's ztunnel carries its connections, so there are no servers to analyze.`,
        remedy: 'Name the pod of a gateway; "certificate --pod" and Inspect Certificate tell what ztunnel presents for this one.',
      }
    case 'no-proxy':
      return {
        message: `${pod(problem.pod)} has no proxy, so it has no certificate and mTLS does not protect it.`,
        remedy: `Add the namespace "${problem.pod.namespace}" to the mesh and restart the pod, or choose another pod.`,
      }
    case 'no-ztunnel':
      return {
        message: `${pod(problem.pod)} is in the ambient mesh, but no ztunnel pod is visible on its node "${problem.node}".`,
        remedy: 'Check the ztunnel DaemonSet, and that your account may list its pods.',
      }
    case 'not-running':
      return {
        message: `${pod(problem.pod)} is not running (${problem.phase}), so its proxy cannot be asked.`,
        remedy: 'Wait until the pod runs, or choose another pod.',
      }
    case 'proxy-silent':
      return {
        message: `The proxy of ${pod(problem.pod)} does not answer (${reason(problem.detail)}).`,
        remedy: 'Check that the proxy container runs and that its admin port 15000 is open.',
      }
    case 'too-large':
      return {
        message: `The answer of the proxy of ${pod(problem.pod)} is larger than ${megabytes(problem.limitBytes)} and was not read to its end.`,
        remedy: 'Save the dump to a file and inspect the file.',
      }
    case 'truncated':
      return {
        message: `The answer of the proxy of ${pod(problem.pod)} stops before its end (${reason(problem.detail)}).`,
        remedy: 'Refresh to ask again.',
      }
    case 'unreadable':
      return {
        message: `The answer of the proxy of ${pod(problem.pod)} could not be read (${reason(problem.detail)}).`,
        remedy: 'Check that port 15000 belongs to the proxy.',
      }
    case 'timed-out':
      return {
        message: `${problem.what} did not answer within ${problem.seconds} s.`,
        remedy: 'Try again; if it lasts, check the pod and the network.',
      }
    case 'cancelled':
      return { message: 'The request was cancelled.', remedy: 'Ask again when you need the answer.' }
    default:
      return never(problem)
  }
}

function describeDistrusted(context: string, distrusted: Distrusted, detail: string) {
  const certificate = `The certificate of the API server of "${context}"`
  switch (distrusted) {
    case 'issuer':
      return {
        message: `${certificate} is not signed by the CA of the kubeconfig.`,
        remedy: 'Compare certificate-authority-data (or certificate-authority) with the CA of the API server, or get a new kubeconfig.',
      }
    case 'name':
      return {
        message: `${certificate} is for other names than the address in the kubeconfig (${reason(detail)}).`,
        remedy: 'Correct "server" in the kubeconfig, or set "tls-server-name" to a name that the certificate has.',
      }
    case 'time':
      return {
        message: `The API server of "${context}" is not accepted: ${reason(detail)}.`,
        remedy: 'Renew it on the API server, or correct the clock of this machine.',
      }
    default:
      return never(distrusted)
  }
}

function describeForbidden({ verb, resource, namespace, except = [] }: Extract<ClusterProblem, { kind: 'forbidden' }>) {
  const where = within(namespace)
  if (resource === 'pods/portforward') {
    return {
      message: `Your account may not ${verb} ${resource}${where}, so the proxies there cannot be asked.`,
      // Kubernetes checks both verbs for a WebSocket since 1.35; kubectl falls back to another protocol that needs "create" alone.
      remedy: `Ask for the verbs get and create on pods/portforward${where}; kubectl may work with create alone.`,
    }
  }
  const unknown = permissionCosts[resource]?.unknown ?? 'those'
  const there = except.length > 0 ? outside(except) : namespace === undefined || unknown === 'those' ? '' : ' there'
  return {
    message: `Your account may not ${verb} ${resource}${where}, so ${unknown}${there} are unknown and nothing is concluded about them.`,
    remedy: `Ask for the verb ${verb} on ${resource}${where}${namespace === undefined ? ', or select the namespaces that you may read' : ''}.`,
  }
}

/** ` outside "shop"` */
export function outside(namespaces: readonly string[]): string {
  return ` outside ${list(namespaces.map(name => `"${name}"`))}`
}

/**
 * What somebody else said, as part of a sentence of ours. The kubelet names a uid that it does not have.
 * Source: kubernetes/kubernetes: pkg/kubelet/server/portforward (websocket.go, httpstream.go: "error forwarding port %d to pod %s, uid %v: %v").
 */
function reason(detail: string): string {
  return detail.replace(/, uid ?:/g, ':').replace(/[\s.,:;]+$/, '')
}

function chooseAmong(known: readonly string[]): string {
  if (known.length === 0) return 'The file names no context; add one.'
  const shown = known.slice(0, 5).map(name => `"${name}"`)
  return `Choose one of ${shown.join(', ')}${known.length > shown.length ? ' …' : ''}.`
}

function within(namespace: string | undefined): string {
  return namespace === undefined ? '' : ` in "${namespace}"`
}

function pod({ namespace, name }: PodRef): string {
  return `"${namespace}/${name}"`
}

function megabytes(bytes: number): string {
  return bytes >= 1_000_000 ? `${Math.round(bytes / 1_000_000)} MB` : `${Math.ceil(bytes / 1000)} kB`
}
