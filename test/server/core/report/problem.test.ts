import { expect, test } from 'vitest'
import { describeProblem } from '../../../../server/src/core/report/problem.ts'
import type { ClusterProblem } from '../../../../server/src/protocol.ts'

const pod = { namespace: 'shop', name: 'checkout-1' }

const sentences: readonly (readonly [ClusterProblem, string])[] = [
  [{ kind: 'not-connected' }, 'No cluster is connected, so only files are checked. Choose a context.'],
  [
    { kind: 'no-context', context: 'prod', known: ['stage', 'test'] },
    'The kubeconfig has no context "prod". Choose one of "stage", "test".',
  ],
  [{ kind: 'no-context', context: '', known: [] }, 'The kubeconfig has no current context. The file names no context; add one.'],
  [
    { kind: 'unreachable', context: 'prod-eu', detail: 'timed out after 5 s' },
    'The API server of "prod-eu" does not answer (timed out after 5 s). Check the network or VPN, then retry, or choose another context.',
  ],
  [
    { kind: 'unreachable', context: 'prod', detail: 'its certificate …', distrusted: 'issuer' },
    'The certificate of the API server of "prod" is not signed by the CA of the kubeconfig. Compare certificate-authority-data (or certificate-authority) with the CA of the API server, or get a new kubeconfig.',
  ],
  [
    { kind: 'unreachable', context: 'prod', detail: 'its certificate has expired', distrusted: 'time' },
    'The API server of "prod" is not accepted: its certificate has expired. Renew it on the API server, or correct the clock of this machine.',
  ],
  [
    { kind: 'forbidden', verb: 'list', resource: 'pods', except: ['shop'] },
    'Your account may not list pods, so workloads and their proxies outside "shop" are unknown and nothing is concluded about them. Ask for the verb list on pods, or select the namespaces that you may read.',
  ],
  [
    { kind: 'forbidden', verb: 'list', resource: 'pods', namespace: 'billing' },
    'Your account may not list pods in "billing", so workloads and their proxies there are unknown and nothing is concluded about them. Ask for the verb list on pods in "billing".',
  ],
  [
    { kind: 'forbidden', verb: 'create', resource: 'pods/portforward', namespace: 'shop' },
    'Your account may not create pods/portforward in "shop", so the proxies there cannot be asked. Ask for the verbs get and create on pods/portforward in "shop"; kubectl may work with create alone.',
  ],
  [
    { kind: 'closed-cluster', context: 'prod' },
    'The cluster "prod" is not open any more, so nothing is read from it. Choose the context "prod" to open it again.',
  ],
  [
    {
      kind: 'proxy-silent',
      pod,
      detail: 'error forwarding port 15000 to pod checkout-1, uid : failed to connect: dial tcp4 127.0.0.1:15000: connection refused. \n',
    },
    'The proxy of "shop/checkout-1" does not answer (error forwarding port 15000 to pod checkout-1: failed to connect: dial tcp4 127.0.0.1:15000: connection refused). Check that the proxy container runs and that its admin port 15000 is open.',
  ],
  [
    { kind: 'bad-kubeconfig', path: '/c', detail: 'the file is empty.' },
    'The kubeconfig "/c" could not be used: the file is empty. Correct the file, then refresh.',
  ],
  [
    { kind: 'too-large', pod, limitBytes: 8_000_000 },
    'The answer of the proxy of "shop/checkout-1" is larger than 8 MB and was not read to its end. Save the dump to a file and inspect the file.',
  ],
]

test.for(sentences)('%o', ([problem, sentence]) => {
  const { message, remedy } = describeProblem(problem)
  expect(`${message} ${remedy}`).toBe(sentence)
})

const everyKind: readonly ClusterProblem[] = [
  { kind: 'not-connected' },
  { kind: 'untrusted-workspace' },
  { kind: 'no-kubeconfig', path: '/home/ada/.kube/config' },
  { kind: 'bad-kubeconfig', path: '/home/ada/.kube/config', detail: 'line 3: a tab' },
  { kind: 'no-context', context: 'prod', known: ['a', 'b', 'c', 'd', 'e', 'f'] },
  { kind: 'old-runtime', version: '20.20.2' },
  { kind: 'unreachable', context: 'prod', detail: 'connection refused' },
  { kind: 'unreachable', context: 'prod', detail: "Hostname/IP does not match certificate's altnames", distrusted: 'name' },
  { kind: 'unauthorized', context: 'prod', detail: 'Unauthorized' },
  { kind: 'forbidden', verb: 'list', resource: 'pods' },
  { kind: 'no-istio', context: 'prod' },
  { kind: 'closed-cluster', context: 'prod' },
  { kind: 'connecting', context: 'prod' },
  { kind: 'program-refused', context: 'prod', command: 'aws' },
  { kind: 'not-found', resource: 'pod', namespace: 'shop', name: 'checkout-1' },
  { kind: 'no-proxy', pod },
  { kind: 'no-ztunnel', pod, node: 'node-1' },
  { kind: 'not-running', pod, phase: 'Pending' },
  { kind: 'proxy-silent', pod, detail: 'connection refused' },
  { kind: 'too-large', pod, limitBytes: 500 },
  { kind: 'truncated', pod, detail: 'after 12 bytes' },
  { kind: 'unreadable', pod, detail: 'it does not speak HTTP' },
  { kind: 'timed-out', what: 'The proxy of "shop/checkout-1"', seconds: 10 },
  { kind: 'cancelled' },
]

test.for(everyKind)('$kind: one sentence for what happened, one for what to do, in a calm voice', problem => {
  const { message, remedy } = describeProblem(problem)
  for (const sentence of [message, remedy]) {
    expect(sentence).toMatch(/^[A-Z"].*\.$/)
    expect(sentence).not.toMatch(/please|!|undefined|oops|sorry/i)
  }
})
