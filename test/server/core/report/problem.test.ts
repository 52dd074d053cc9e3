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
    { kind: 'forbidden', verb: 'list', resource: 'pods', namespace: 'billing' },
    'Your account may not list pods in "billing", so those are unknown and nothing is concluded about them. Ask for the verb list on pods in "billing".',
  ],
  [
    { kind: 'forbidden', verb: 'create', resource: 'pods/portforward', namespace: 'shop' },
    'Your account may not create pods/portforward in "shop", so the proxies there cannot be asked. Ask for the verbs get and create on pods/portforward in "shop"; kubectl may work with create alone.',
  ],
  [
    { kind: 'other-context', wanted: 'prod', connected: 'demo' },
    'This is from the context "prod", but "demo" is connected and may have another of this name. Choose the context "prod" to read it.',
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
  { kind: 'unauthorized', context: 'prod', detail: 'Unauthorized' },
  { kind: 'forbidden', verb: 'list', resource: 'pods' },
  { kind: 'no-istio', context: 'prod' },
  { kind: 'other-context', wanted: 'prod', connected: 'demo' },
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
