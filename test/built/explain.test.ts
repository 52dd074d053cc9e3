// `istio-security explain` as a shell starts it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from './commandLine.ts'

const folder = mkdtempSync(join(tmpdir(), 'istio-security-explain-'))

beforeAll(() => {
  mkdirSync(join(folder, 'mesh'))
  writeFileSync(
    join(folder, 'mesh', 'policies.yaml'),
    `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: no-admin
  namespace: shop
spec:
  action: DENY
  rules:
    - to:
        - operation:
            ports: ["9090"]
    - to:
        - operation:
            paths: [/admin*]
`,
  )
  writeFileSync(
    join(folder, 'mesh', 'pods.yaml'),
    `apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec:
  serviceAccountName: checkout
  containers: [{ name: app, ports: [{ containerPort: 8080 }] }, { name: istio-proxy }]
status: { phase: Running, podIP: 10.0.0.20 }
---
apiVersion: v1
kind: Pod
metadata: { name: frontend-1, namespace: shop }
spec:
  serviceAccountName: frontend
  containers: [{ name: app }, { name: istio-proxy }]
status: { phase: Running, podIP: 10.0.0.7 }
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const line =
  '[2026-11-09T08:05:55.932Z] "GET /admin HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[no-admin]-rule[1]] - "-" 0 19 0 - "-" "curl/8.11.1" "d9b68dca-5761-48aa-aff1-dfc8d170b5e1" "checkout:80" "-" inbound|8080|| - 10.0.0.20:8080 10.0.0.7:40062 outbound_.80_._.checkout.shop.svc.cluster.local default'

const explain = (args: readonly string[], input = '') => run(['explain', ...args], { cwd: folder, input })

describe('istio-security explain', () => {
  test('names policy, rule and place of a line', async () => {
    const { code, out, err } = await explain([line, '--mesh', 'mesh', '--closed-world'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toBe(`DENY policy shop/no-admin, rule 1, refused GET /admin from shop/frontend-1 to shop/checkout-1:8080.
  by      the sidecar of the server
          AuthorizationPolicy shop/no-admin rule 1 · mesh/policies.yaml:12
  means   A DENY rule that matches refuses whatever ALLOW policies say.
          What is known now says the same: AuthorizationPolicy shop/no-admin, rule 1, denies it: path /admin is in [/admin*].
  repair  If it is meant to pass, narrow rule 1 of shop/no-admin, or except the caller there: notPrincipals ["cluster.local/ns/shop/sa/frontend"].
          If it is not meant to pass, correct the client.
`)
  })

  test('reads standard input, and answers in JSON', async () => {
    const { code, out, err } = await explain(
      ['--format', 'json', '--mesh', 'mesh', '--closed-world'],
      `${line}\n${line.replace('d9b68dca', 'a0b1c2d3')}\nelse\n`,
    )
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({
      version: 1,
      entries: { refused: 2, passed: 0, unrecognised: 1 },
      explanations: [
        {
          kind: 'denied',
          count: 2,
          line: 0,
          refusedBy: 'sidecar',
          policies: [
            {
              kind: 'AuthorizationPolicy',
              policy: 'shop/no-admin',
              rule: 1,
              action: 'DENY',
              presence: 'present',
              file: 'mesh/policies.yaml',
              range: { start: { line: 11, character: 6 } },
            },
          ],
          client: { name: 'shop/frontend-1', identity: 'cluster.local/ns/shop/sa/frontend' },
          server: { name: 'shop/checkout-1', port: 8080 },
          decision: { decision: 'deny', by: { policy: 'shop/no-admin', rule: 1 } },
        },
      ],
    })
  })

  test('says what it would take to know more', async () => {
    const { code, out } = await explain(['RBAC:', 'access', 'denied'])
    expect(code).toBe(0)
    expect(out).toContain('An AuthorizationPolicy refused the request; the text does not tell which one.')
    expect(out).toContain('--mesh PATH')
  })

  test('is honest about what it does not know, and exits with 0', async () => {
    const { code, out, err } = await explain(['-'], 'Segmentation fault\n')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('This is no text of a proxy that is known here, so nothing is concluded from it.')
  })

  test.each([
    ['standard input twice', ['--mesh', '-'], 'standard input is the text to explain; name a file with --mesh'],
    ['a mesh that is not there', [line, '--mesh', 'nowhere'], 'cannot read "nowhere": there is no such file or folder'],
    ['a format that does not exist', [line, '--format', 'sarif'], "option '--format <format>' argument 'sarif' is invalid"],
  ])('cannot run with %s', async (_, args, message) => {
    const { code, out, err } = await explain(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`istio-security: ${message}`)
    expect(err.trimEnd()).not.toContain('\n')
  })
})
