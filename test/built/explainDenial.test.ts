// Explain Denial through the built language server, as any editor runs it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ExecuteCommandRequest, ShowMessageNotification } from 'vscode-languageserver-protocol/node'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { type DenialExplanation, type ExplainDenialResult, explainDenialCommand, longestToExplain } from '../../server/src/protocol.ts'
import { LanguageServer, type LanguageServerOptions } from '../support/languageServer.ts'

const policy = (rules: string) => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: no-admin
  namespace: shop
spec:
  action: DENY
  rules:
${rules}`
const admin = `    - to:
        - operation:
            paths: [/admin*]
`
const onPort = `    - to:
        - operation:
            ports: ["9090"]
`
const pods = `apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec:
  serviceAccountName: checkout
  containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }]
status: { phase: Running, podIP: 10.0.0.20 }
`
const line =
  '[2026-11-09T08:05:55.932Z] "GET /admin HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[no-admin]-rule[1]] - "-" 0 19 0 - "-" "curl/8.11.1" "d9b68dca-5761-48aa-aff1-dfc8d170b5e1" "checkout:80" "-" inbound|8080|| - 10.0.0.20:8080 10.0.0.7:40062 outbound_.80_._.checkout.shop.svc.cluster.local default'

let folder: string
const running: LanguageServer[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'istio-security-denial-'))
  mkdirSync(join(folder, 'policies'))
  writeFileSync(join(folder, 'policies', 'pay.yaml'), policy(onPort + admin))
  writeFileSync(join(folder, 'pods.yaml'), pods)
})
afterEach(async () => {
  const stopped = running.splice(0)
  await Promise.all(stopped.map(server => server.stop()))
  rmSync(folder, { recursive: true, force: true })
  for (const server of stopped) {
    expect(server.streamErrors).toEqual([])
    expect(server.standardError).toBe('')
    expect(server.log.filter(each => /\n\s+at /.test(each))).toEqual([])
  }
})

async function start(options: LanguageServerOptions = {}): Promise<LanguageServer> {
  const server = await LanguageServer.start({ folders: [folder], ...options })
  running.push(server)
  return server
}

function ask(server: LanguageServer, argument: unknown): Promise<ExplainDenialResult> {
  return server.connection.sendRequest(ExecuteCommandRequest.type, { command: explainDenialCommand, arguments: [argument] })
}

async function explained(server: LanguageServer, text: string): Promise<DenialExplanation> {
  const answer = await ask(server, { text })
  return 'problem' in answer ? expect.fail(answer.problem) : answer
}

describe('istioSecurity.explainDenial', () => {
  test('is offered to editors, and names policy, rule and place', async () => {
    const server = await start()
    expect(server.initialized.capabilities.executeCommandProvider?.commands).toContain(explainDenialCommand)
    const answer = await explained(server, line)
    expect(answer).toMatchObject({
      version: 1,
      entries: { refused: 1, passed: 0, unrecognised: 0 },
      explanations: [
        {
          kind: 'denied',
          refusedBy: 'sidecar',
          policies: [{ policy: 'shop/no-admin', rule: 1, presence: 'present', file: 'policies/pay.yaml' }],
          server: { name: 'shop/checkout-1', port: 8080 },
        },
      ],
      places: [
        {
          name: 'policies/pay.yaml:12',
          uri: pathToFileURL(join(folder, 'policies', 'pay.yaml')).href,
          range: { start: { line: 11, character: 6 } },
        },
      ],
    })
    expect(answer.text).toContain('AuthorizationPolicy shop/no-admin rule 1 · policies/pay.yaml:12\n')
    expect(answer.text).toContain('Known from the files of the workspace alone. ')
  })

  test('an open file counts as it is typed', async () => {
    const server = await start()
    const uri = pathToFileURL(join(folder, 'policies', 'pay.yaml')).href
    server.open(`\n\n${policy(onPort + admin)}`, uri)
    expect((await explained(server, line)).places).toMatchObject([{ name: 'policies/pay.yaml:14', uri, range: { start: { line: 13 } } }])
  })

  test('works where nothing is open and nothing is known', async () => {
    const answer = await explained(await start({ folders: [] }), line)
    expect(answer.explanations).toMatchObject([
      { kind: 'denied', policies: [{ policy: 'shop/no-admin', presence: 'unknown', file: null }] },
    ])
    expect(answer.places).toEqual([])
  })

  test('waits for a cluster that is still being read', async () => {
    const demo: Demo = await startDemo()
    try {
      const kubeconfig = join(folder, 'kubeconfig')
      writeFileSync(kubeconfig, demo.kubeconfig())
      const text = line.replace('no-admin', 'no-such-policy')
      const answer = await explained(await start({ folders: [], kubeconfig }), text)
      expect(answer.explanations).toMatchObject([{ policies: [{ policy: 'shop/no-such-policy', presence: 'absent' }] }])
      expect(answer.text).toContain('Known from the files of the workspace over the cluster "demo".')
    } finally {
      await demo.close()
    }
  })

  test.each([undefined, null, 'text', {}, { text: 7 }, { text: '' }])('says that there is nothing to explain in %o', async argument => {
    expect(await ask(await start(), argument)).toMatchObject({
      explanations: [{ kind: 'unrecognised', happened: 'There is no text to explain.' }],
    })
  })

  test('says of what text it concludes nothing', async () => {
    const answer = await explained(await start(), 'Segmentation fault')
    expect(answer.explanations).toMatchObject([{ kind: 'unrecognised' }])
    expect(answer.text).not.toContain('Known from')
  })

  test('a text that is too long is answered with how long it may be', async () => {
    const server = await start()
    expect(await ask(server, { text: ' '.repeat(longestToExplain + 1) })).toEqual({
      version: 1,
      problem: 'The text has 500,001 characters; at most 500,000 are explained at once. Select the lines around the refusal.',
    })
    expect((await explained(server, `${line}\n`.padEnd(longestToExplain))).entries.refused).toBe(1)
  })

  test('shows the answer where it is asked to', async () => {
    const server = await start()
    const shown: string[] = []
    server.connection.onNotification(ShowMessageNotification.type, ({ message }) => void shown.push(message))
    const answer = await explained(server, line)
    expect(shown).toEqual([])
    await ask(server, { text: line, show: true })
    expect(shown).toEqual([answer.text])
  })
})
