// The command line as others script against it: options, exit codes, JSON, standard output and standard error.
import { spawn, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Demo, startDemo } from '../../demo/demo.ts'
import { LanguageServer } from '../support/languageServer.ts'
import { launcher, nodesOnPath, repository, run } from './commandLine.ts'

const folder = mkdtempSync(join(tmpdir(), 'istio-security-cli-'))
let demo: Demo
let kubeconfig: string

beforeAll(async () => {
  demo = await startDemo()
  kubeconfig = write('kubeconfig', demo.kubeconfig())
})
afterAll(async () => {
  await demo?.close()
  rmSync(folder, { recursive: true, force: true })
})

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  return path
}

const checked = async (args: readonly string[], options: Parameters<typeof run>[1] = {}) => {
  const ran = await run(['check', '--format', 'json', ...args], { cwd: folder, ...options })
  return { ...ran, report: JSON.parse(ran.out) as Report }
}

interface Report {
  readonly version: number
  readonly summary: Readonly<Record<string, number>>
  readonly findings: readonly Finding[]
}

interface Finding {
  readonly rule: string
  readonly severity: string
  readonly message: string
  readonly file: string
  readonly range: object
  readonly fixes: readonly { readonly title: string; readonly edits: readonly { readonly range: object; readonly newText: string }[] }[]
}

const peer = (spec: object) =>
  JSON.stringify({ apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', metadata: { name: 'pay', namespace: 'shop' }, spec })

const misspelt = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
spec:
  mtls:
    mode: STRIKT
`
const accountIn = (namespace: string, name: string) => `apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name}, namespace: ${namespace} }
`
const frontendOnly = (principal: string, comment = '') => `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: pay
  namespace: shop
spec:
  rules:
    - from:
        - source:
            principals:
${comment}              - ${principal}
`

describe('check', () => {
  test('a finding has exactly the fields of the contract', async () => {
    write('policies/peer.yaml', misspelt)
    const { code, err, report } = await checked(['policies'])
    expect({ code, err }).toEqual({ code: 1, err: '' })
    const range = { start: { line: 6, character: 10 }, end: { line: 6, character: 16 } }
    expect(report).toEqual({
      version: 1,
      summary: { files: 1, documents: 1, error: 1, warning: 0, info: 0, hint: 0 },
      findings: [
        {
          rule: 'unknown-value',
          severity: 'error',
          istio: 'rejects',
          message: expect.stringContaining('Did you mean "STRICT"?'),
          file: 'policies/peer.yaml',
          range,
          object: { apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', namespace: 'default', name: 'default' },
          document: 0,
          path: ['spec', 'mtls', 'mode'],
          codes: expect.arrayContaining(['IST0106']),
          fixes: [{ title: expect.any(String), edits: [{ file: 'policies/peer.yaml', range, newText: 'STRICT' }] }],
          related: [],
        },
      ],
    })
  })

  test('text names place, severity, rule and the way out', async () => {
    const { code, out } = await run(['check', 'peer.yaml'], { cwd: join(folder, 'policies') })
    expect(code).toBe(1)
    expect(out).toMatch(/^peer\.yaml:7:11 +error +"STRIKT" is not a value/)
    expect(out).toMatch(/unknown-value · fixable\n1 error in 1 file \(1 document, .*\)\. Run with --fix to apply 1 fix\.\n$/)
  })

  test.each([
    ['error', 1],
    ['warning', 1],
    ['hint', 1],
    ['never', 0],
  ])('an error with --fail-on %s exits with %i', async (severity, expected) => {
    expect((await run(['check', 'policies', '--fail-on', severity], { cwd: folder })).code).toBe(expected)
  })

  test.each([
    ['warning', 'error', 0],
    ['warning', 'warning', 1],
    ['hint', 'info', 0],
    ['hint', 'hint', 1],
    ['off', 'hint', 0],
  ])('a rule set to %s with --fail-on %s exits with %i', async (severity, failOn, expected) => {
    const { code, report } = await checked(['policies', '--rule', `unknown-value=${severity}`, '--fail-on', failOn])
    expect(code).toBe(expected)
    expect(report.findings.map(each => each.severity)).toEqual(severity === 'off' ? [] : [severity])
  })

  test('objects without a namespace are in that of --namespace', async () => {
    const { out } = await run(['check', '-', '--format', 'json', '--namespace', 'shop'], { input: misspelt })
    expect(JSON.parse(out).findings[0].object.namespace).toBe('shop')
  })

  test('standard input is the file "-"', async () => {
    const { code, report } = await checked(['-'], { input: misspelt })
    expect(code).toBe(1)
    expect(report.findings.map(({ file }) => file)).toEqual(['-'])
  })

  test('a pipe given as a path is read', () => {
    const command = `cat '${join(folder, 'policies/peer.yaml')}' | '${process.execPath}' '${launcher}' check --format json /dev/stdin`
    const { status, stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(JSON.parse(stdout).summary).toMatchObject({ files: 1, error: 1 })
  })

  test('a file that two paths lead to is judged once', async () => {
    const { report } = await checked(['policies', 'policies/peer.yaml', '--mesh', 'policies'])
    expect(report.summary).toMatchObject({ files: 1, error: 1, warning: 0 })
  })

  test('absence is proof in a closed world only', async () => {
    write('closed/policy.yaml', frontendOnly('cluster.local/ns/shop/sa/chekout'))
    write('around/accounts.yaml', accountIn('shop', 'checkout'))
    const open = await checked(['closed', '--mesh', 'around'])
    expect(open.report.findings).toEqual([])
    const closed = await checked(['closed', '--mesh', 'around', '--closed-world'])
    expect(closed.code).toBe(0)
    expect(closed.report.findings).toMatchObject([{ rule: 'unknown-service-account', severity: 'warning', istio: 'accepts' }])
    expect(closed.report.findings[0]?.fixes[0]?.title).toContain('"checkout"')
    const known = write(
      'around/mesh.json',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'chekout', namespace: 'shop' } }],
      }),
    )
    expect((await checked(['closed', '--mesh', 'around/accounts.yaml', '--mesh', known, '--closed-world'])).report.findings).toEqual([])
  })

  test('a mesh file of more than five megabytes counts', async () => {
    const filler = `# ${'x'.repeat(98)}\n`.repeat(55_000)
    write('large.yaml', filler + accountIn('shop', 'chekout'))
    expect((await checked(['closed', '--mesh', 'large.yaml', '--closed-world'])).report.findings).toEqual([])
  })

  test('the CRDs of the mesh decide which fields exist, and their rules hold', async () => {
    const mtls = {
      type: 'object',
      properties: { mode: { type: 'string' }, grade: { type: 'string' } },
      'x-kubernetes-validations': [{ rule: "!has(self.mode) || self.mode != 'DISABLE'", message: 'mutual TLS is never off here' }],
    }
    const spec = { type: 'object', properties: { mtls } }
    write(
      'definitions/crds.yaml',
      JSON.stringify({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'peerauthentications.security.istio.io' },
        spec: {
          group: 'security.istio.io',
          names: { kind: 'PeerAuthentication', plural: 'peerauthentications' },
          versions: [{ name: 'v1', served: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }],
        },
      }),
    )
    const input = peer({ selector: { matchLabels: { app: 'pay' } }, mtls: { mode: 'DISABLE', grade: 'high' } })
    const rulesOf = async (...args: readonly string[]) =>
      (await checked(['-', ...args], { input })).report.findings.map(({ rule }) => rule).toSorted()
    const { report } = await checked(['-'], { input })
    expect(report.findings.map(({ rule }) => rule)).toContain('unknown-field')
    // A file that holds a CRD may be of another version than the cluster, unless it is said to be everything.
    expect(await rulesOf('--mesh', 'definitions')).not.toContain('unknown-field')
    expect(await rulesOf('--mesh', 'definitions')).not.toContain('cluster-validation')
    const closed = await checked(['-', '--mesh', 'definitions', '--closed-world'], { input })
    expect(closed.report.findings).toContainEqual(
      expect.objectContaining({ rule: 'cluster-validation', message: expect.stringContaining('mutual TLS is never off here') }),
    )
    expect(closed.report.findings).toContainEqual(
      expect.objectContaining({ rule: 'unserved-field', message: expect.stringContaining('"selector"') }),
    )
  })

  test('a live cluster is a world too', async () => {
    write('live/policy.yaml', frontendOnly('cluster.local/ns/shop/sa/chekout'))
    const { code, report } = await checked(['live', '--kubeconfig', kubeconfig, '--context', 'demo'])
    expect(code).toBe(0)
    expect(report.findings.map(({ rule }) => rule)).toEqual(['unknown-service-account'])
  })

  test('a comment silences one rule, and an unused one is a hint', async () => {
    const spiffe = 'spiffe://cluster.local/ns/shop/sa/checkout'
    const silenced = frontendOnly(spiffe, '              # istio-security: ignore spiffe-prefix agreed with the mesh team\n')
    expect((await checked(['-'], { input: silenced })).report.findings).toEqual([])
    const unused = frontendOnly('cluster.local/ns/shop/sa/checkout', '              # istio-security: ignore spiffe-prefix nothing here\n')
    expect((await checked(['-'], { input: unused })).report.findings).toMatchObject([{ severity: 'hint' }])
  })

  test('--schema off leaves the structure to others', async () => {
    expect((await checked(['policies', '--schema', 'off'])).report.findings).toEqual([])
    const spiffe = await checked(['-', '--schema', 'off'], { input: frontendOnly('spiffe://cluster.local/ns/shop/sa/checkout') })
    expect(spiffe.report.findings.map(({ rule }) => rule)).toEqual(['spiffe-prefix'])
  })

  test('broken YAML is a finding', async () => {
    const { code, err, report } = await checked(['-'], { input: misspelt.replace('mode: STRIKT', 'mode: "STRICT') })
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(report.findings.map(({ rule }) => rule)).toEqual(['yaml-syntax'])
  })

  test.each([
    ['nothing', ''],
    ['blanks and comments', '\n# nothing\n---\n'],
    ['binary', '\u0000\u0001\ufffd\u0000'],
    ['other YAML', 'kind: Deployment\napiVersion: apps/v1\nspec: [\n'],
    ['a template', 'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nspec: {{ .Values.spec }}\n'],
  ])('%s gives no finding', async (_, input) => {
    const { code, report } = await checked(['-'], { input })
    expect({ code, findings: report.findings }).toEqual({ code: 0, findings: [] })
  })

  test('colour is there when asked for', async () => {
    expect((await run(['check', 'policies', '--color', 'always'], { cwd: folder })).out).toContain('\u001b[31merror')
    expect((await run(['check', 'policies', '--color', 'never'], { cwd: folder })).out).not.toContain('\u001b')
  })

  test('a reader that closes early is no error', () => {
    const command = `'${process.execPath}' '${launcher}' rules | head -1; '${process.execPath}' '${launcher}' check test/fixtures demo --format json | head -1`
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8', cwd: repository })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^[a-z-]+ .*\n\{\n$/)
  })
})

describe('check --fix', () => {
  const fixed = async (name: string, content: string | Uint8Array) => {
    const path = write(name, content)
    const ran = await run(['check', path, '--fix'], { cwd: folder })
    return { ...ran, bytes: readFileSync(path) }
  }

  test.each([
    ['Windows line ends', misspelt.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${misspelt}`],
    ['comments, quotes and odd indentation', `# “hello” 😀\n${misspelt.replace('mode: STRIKT', 'mode:   "STRIKT"   # why\t')}`],
    ['no line end at the end', misspelt.trimEnd()],
  ])('changes only the mistake in a file with %s', async (_, text) => {
    const { code, bytes, out } = await fixed('fix/peer.yaml', text)
    expect(bytes.toString('utf8')).toBe(text.replace('STRIKT', 'STRICT'))
    expect(code).toBe(0)
    expect(out).toContain('1 fix applied.')
    expect((await run(['check', 'fix/peer.yaml', '--fix'], { cwd: folder })).out).not.toContain('applied')
  })

  test('a fix that brings the next mistake to light is followed by its fix', async () => {
    const text = frontendOnly('spiffe://cluster.local/ns/shop/sa/checkout').replace('principals', 'princpals')
    const { bytes, out } = await fixed('fix/chain.yaml', text)
    expect(bytes.toString('utf8')).toBe(frontendOnly('cluster.local/ns/shop/sa/checkout'))
    expect(out).toContain('2 fixes applied.')
  })

  test('what has a fix in the demo is fixed once and for all', async () => {
    const copy = join(folder, 'workspace')
    cpSync(join(repository, 'demo/workspace'), copy, { recursive: true })
    expect((await run(['check', 'workspace', '--fix'], { cwd: folder })).out).toMatch(/\d fixes applied\./)
    const once = contents(copy)
    const again = await run(['check', 'workspace', '--fix'], { cwd: folder })
    expect(again.out).not.toMatch(/applied|--fix/)
    expect(contents(copy)).toEqual(once)
  })

  test('a file that is not UTF-8 is left as it is', async () => {
    const latin = Buffer.from(`# caf\u00e9\n${misspelt}`, 'latin1')
    const { code, err, bytes } = await fixed('fix/latin.yaml', latin)
    expect(bytes.equals(latin)).toBe(true)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(/^istio-security: cannot fix ".*": it is not UTF-8\n$/) })
  })
})

function contents(path: string): readonly string[] {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter(each => each.isFile())
  return files.map(each => readFileSync(join(each.parentPath, each.name), 'utf8'))
}

describe('what cannot run says why in one line and exits with 2', () => {
  test.each([
    ['no command', [], 'name a command'],
    ['an unknown command', ['chek'], "unknown command 'chek' (Did you mean check?)"],
    ['an unknown option', ['check', '--frob'], "unknown option '--frob'"],
    ['an unknown severity', ['check', '--fail-on', 'fatal'], 'Allowed choices are error, warning, info, hint, never'],
    ['an unknown format', ['check', '--format', 'xml'], 'Allowed choices are text, json'],
    ['an unknown rule', ['check', '--rule', 'nope=off'], 'there is no rule "nope"'],
    ['a misspelt rule', ['check', '--rule', 'spiffe-prefx=off'], 'did you mean "spiffe-prefix"?'],
    ['a rule without a severity', ['check', '--rule', 'spiffe-prefix'], 'A severity is off, error, warning, info or hint'],
    ['a path that is not there', ['check', 'nope'], 'cannot read "nope": there is no such file or folder'],
    ['a mesh path that is not there', ['check', '.', '--mesh', 'nope'], 'cannot read "nope"'],
    ['an option without its value', ['check', '--mesh'], "option '--mesh <path>' argument missing"],
    ['a documentation of no rule', ['rules', 'nope'], 'there is no rule "nope"'],
    ['a certificate of nothing', ['certificate'], 'name a file'],
    ['a certificate file that is not there', ['certificate', 'nope.pem'], 'cannot read "nope.pem": there is no such file'],
    ['a folder as a certificate', ['certificate', '.'], 'cannot read ".": it is a folder'],
    ['a time that is none', ['certificate', '-', '--now', 'yesterday'], 'is not an RFC 3339 time'],
    ['a file and all workloads', ['certificate', '-', '--all'], 'name a file, a pod, or all workloads'],
    ['both a file and a pod', ['certificate', '-', '--pod', 'shop/checkout-1'], 'name a file or a pod, not both'],
    ['a time that is none, for a pod', ['certificate', '--pod', 'shop/checkout-1', '--now', 'yesterday'], 'is not an RFC 3339 time'],
    ['a pod without a namespace', ['certificate', '--pod', 'checkout'], '"checkout" is no pod; write NAMESPACE/NAME'],
    ['a language server without a transport', ['lsp'], "required option '--stdio' not specified"],
    ['a kubeconfig that is not there', ['check', '-', '--kubeconfig', 'nope'], 'No kubeconfig was found at "nope"'],
    ['a kubeconfig that is none', ['check', '-', '--kubeconfig', join(repository, 'RULES.md')], 'could not be used'],
  ])('%s', async (_, args, sentence) => {
    const { code, out, err } = await run(args, { cwd: folder })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^istio-security: [^\n]+\n$/)
    expect(err).toContain(sentence)
  })

  test('a context that is not there, with those that are', async () => {
    const { code, err } = await run(['check', '-', '--kubeconfig', kubeconfig, '--context', 'nope'])
    expect({ code, err }).toEqual({
      code: 2,
      err: 'istio-security: The kubeconfig has no context "nope". Choose one of "demo", "demo-narrow".\n',
    })
  })

  test('a server that is not there', async () => {
    const path = write('gone', demo.kubeconfig().replace(demo.server, 'https://127.0.0.1:1'))
    const { code, out, err } = await run(['check', '-', '--kubeconfig', path])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^istio-security: The API server of "demo" does not answer .*\n$/)
  })

  test('credentials that are refused, which are not shown', async () => {
    const path = write('refused', demo.kubeconfig().replaceAll(demo.tokens.viewer, 'planted-token-of-nobody'))
    const { code, err } = await run(['check', '-', '--kubeconfig', path])
    expect(code).toBe(2)
    expect(err).toMatch(/^istio-security: The API server of "demo" does not accept these credentials .*\n$/)
    expect(err).not.toContain('planted')
  })
})

describe('certificate', () => {
  const podOf = (app: string) => {
    const pod = demo.world.store.all().find(({ kind, metadata }) => kind === 'Pod' && metadata.labels?.app === app)
    return `${pod?.metadata.namespace}/${pod?.metadata.name}`
  }
  const pem = () => demo.ca
  const inputs = {
    pem: () => pem(),
    der: () => new X509Certificate(pem()).raw,
  }

  test.each(['pem', 'der'] as const)('reads %s from a file and from standard input', async form => {
    const content = inputs[form]()
    const file = write(`certificate.${form}`, content)
    for (const ran of [
      await run(['certificate', file, '--format', 'json']),
      await run(['certificate', '-', '--format', 'json'], { input: content }),
    ]) {
      expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' })
      const report = JSON.parse(ran.out)
      expect(report).toMatchObject({ version: 1, source: form })
      const expected = new X509Certificate(pem())
      expect(report.entries[0].chain[0]).toMatchObject({
        serial: expected.serialNumber.toLowerCase().replace(/^0+(?=.)/, ''),
        sha256: expected.fingerprint256.replaceAll(':', '').toLowerCase(),
        ca: expected.ca,
      })
      expect(ran.out).not.toContain('BEGIN CERTIFICATE')
    }
  })

  test('what is no certificate is a problem, not a failure', async () => {
    const { code, out } = await run(['certificate', '-', '--format', 'json'], {
      input: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    })
    expect(code).toBe(0)
    expect(JSON.parse(out).problems.length).toBeGreaterThan(0)
  })

  test('a private key in the input is not repeated', async () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${Buffer.from('planted private key material').toString('base64')}\n-----END PRIVATE KEY-----\n`
    for (const format of ['text', 'json']) {
      const { code, out, err } = await run(['certificate', '-', '--format', format], { input: pem() + key })
      expect(code).toBe(0)
      expect(out + err).not.toContain(Buffer.from('planted private').toString('base64').slice(0, 16))
    }
  })

  test("reads a pod's proxy: identity, chain, validity", async () => {
    const { code, out, err } = await run(['certificate', '--pod', podOf('checkout'), '--kubeconfig', kubeconfig, '--format', 'json'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const report = JSON.parse(out)
    expect(report).toMatchObject({ version: 1, source: 'envoy-config-dump' })
    const workload = report.entries.find((entry: { role: string }) => entry.role === 'workload')
    expect(workload.chain[0].identity).toBe('spiffe://cluster.local/ns/shop/sa/checkout')
    const text = await run(['certificate', '--pod', podOf('checkout'), '--kubeconfig', kubeconfig])
    expect(text.out).toContain('spiffe://cluster.local/ns/shop/sa/checkout')
  })

  test('reads one pod of every workload, by urgency, and the roots behind them', async () => {
    const { code, out, err } = await run(['certificate', '--all', '--kubeconfig', kubeconfig, '--format', 'json'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const report = JSON.parse(out)
    expect(report.version).toBe(1)
    expect(report.certificates.slice(0, 2)).toMatchObject([{ workload: 'billing/invoicer', state: 'expired' }, { state: 'warming' }])
    expect(report.roots).toMatchObject([
      { subject: 'CN=Root CA,O=Istio', intermediates: [{ subject: 'CN=Intermediate CA,O=Istio', pathLength: 0 }], problems: [] },
      { subject: 'O=cluster.local', workloads: 1, intermediates: [], problems: [{ id: 'root-expires-soon' }] },
    ])
    const text = await run(['certificate', '--namespace', 'shop', '--kubeconfig', kubeconfig])
    expect(text.out).toMatch(/^WORKLOAD +CERTIFICATE +ROOT\nshop\//)
    expect(text.out).not.toContain('billing/')
  })

  test.each([
    ['ambient', 'teller', 'ztunnel', []],
    ['expired', 'invoicer', 'envoy-config-dump', ['certificate-expired']],
  ])('tells the trouble of %s', async (_, app, source, problems) => {
    const { out } = await run(['certificate', '--pod', podOf(app), '--kubeconfig', kubeconfig, '--format', 'json'])
    const report = JSON.parse(out)
    expect(report.source).toBe(source)
    expect(report.problems.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(problems))
  })

  test('judges a pod at the time of --now', async () => {
    const args = [
      'certificate',
      '--pod',
      podOf('checkout'),
      '--kubeconfig',
      kubeconfig,
      '--format',
      'json',
      '--now',
      '2001-01-01T00:00:00Z',
    ]
    const ids = JSON.parse((await run(args)).out).problems.map(({ id }: { id: string }) => id)
    expect(ids).toContain('certificate-not-yet-valid')
  })

  test.each([
    ['legacy', 'has no proxy'],
    ['archive', 'does not answer'],
  ])('the pod of %s: %s', async (app, sentence) => {
    const { code, out, err } = await run(['certificate', '--pod', podOf(app), '--kubeconfig', kubeconfig])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^istio-security: [^\n]+\n$/)
    expect(err).toContain(sentence)
  })

  test('an account that may not reach proxies is told which permission is missing', async () => {
    const { code, err } = await run(['certificate', '--pod', podOf('checkout'), '--kubeconfig', kubeconfig, '--context', 'demo-narrow'])
    expect(code).toBe(2)
    expect(err).toContain('pods/portforward')
  })
})

test('the rules are listed, and each has its documentation', async () => {
  const { code, out } = await run(['rules'])
  expect(code).toBe(0)
  expect(out).toMatch(/^spiffe-prefix +error +\S/m)
  expect((await run(['rules', 'spiffe-prefix'])).out).toMatch(/^spiffe-prefix \(error\)\n\n[\s\S]*Right:/)
})

test('the command line and the editor find the same in the demo', async () => {
  const workspace = join(repository, 'demo', 'workspace')
  const { report } = await checked(['.', '--kubeconfig', kubeconfig], { cwd: workspace })
  const server = await LanguageServer.start({ kubeconfig, folders: [workspace] })
  try {
    await server.reached('connected')
    const found = await Promise.all(
      readdirSync(workspace, { recursive: true })
        .map(name => String(name).replaceAll('\\', '/'))
        .filter(name => name.endsWith('.yaml'))
        .sort()
        .map(async file => {
          const uri = server.open(readFileSync(join(workspace, file), 'utf8'), pathToFileURL(join(workspace, file)).href)
          const severities = ['', 'error', 'warning', 'info', 'hint']
          return (await server.diagnose(uri)).map(each => ({
            file,
            rule: each.code,
            severity: severities[each.severity ?? 0],
            message: each.message,
            range: each.range,
            fixes: each.data.fixes,
          }))
        }),
    )
    const told = report.findings.map(({ file, rule, severity, message, range, fixes }) => {
      const edits = fixes.map(fix => ({ title: fix.title, edits: fix.edits.map(edit => ({ range: edit.range, newText: edit.newText })) }))
      return { file, rule, severity, message, range, fixes: edits }
    })
    expect(told.length).toBeGreaterThan(4)
    expect(found.flat()).toEqual(told)
  } finally {
    await server.stop()
  }
})

const version = (node: string) => Number(spawnSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }).stdout)
const old = nodesOnPath().find(node => version(node) >= 20 && version(node) < 22)

describe.runIf(old)('under Node 20', () => {
  const onOld = (args: readonly string[], options: Parameters<typeof run>[1] = {}) => run(args, { node: old ?? '', ...options })

  test.each([[['rules']], [['check', 'demo/workspace', '--format', 'json']], [['certificate', '-', '--now', '2026-11-21T12:00:00Z']]])(
    '%j answers as under Node 24',
    async args => {
      expect(await onOld(args, { input: demo.ca })).toEqual(await run(args, { input: demo.ca }))
    },
  )

  test('a command that needs a cluster is handed to the installed Node 24, exit code and streams included', async () => {
    expect(await onOld(['check', '-', '--format', 'json', '--kubeconfig', kubeconfig], { input: misspelt })).toEqual(
      await checkedOut(misspelt),
    )
    const missing = await onOld(['check', '-', '--kubeconfig', 'nope'])
    expect(missing).toEqual({ code: 2, out: '', err: expect.stringMatching(/^istio-security: No kubeconfig was found at "nope".*\n$/) })
  })

  test('a signal ends what was handed over', async () => {
    const child = spawn(old ?? '', [launcher, 'lsp', '--stdio'])
    child.stdin.write('Content-Length: 100\r\n\r\n')
    await once(child, 'spawn')
    const inner = await innerOf(child.pid ?? 0)
    child.kill('SIGTERM')
    const [code, signal] = await once(child, 'exit')
    expect([code, signal]).toEqual([null, 'SIGTERM'])
    expect(() => process.kill(inner, 0)).toThrow('ESRCH')
  })

  test('without the installed Node 24 it says so in one line, and files are judged all the same', async () => {
    const elsewhere = join(folder, 'elsewhere')
    for (const part of ['bin', 'dist', 'package.json', 'RULES.md'])
      cpSync(join(repository, part), join(elsewhere, part), { recursive: true })
    const alone = { launcher: join(elsewhere, 'bin', 'istio-security.mjs') }
    const { code, out, err } = await onOld(['check', '-', '--kubeconfig', kubeconfig], alone)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^istio-security: Node 20\.\S+ is too old to talk to a cluster; use Node 22\.19 or newer\n$/)
    expect((await onOld(['check', '-'], { ...alone, input: misspelt })).code).toBe(1)
    const server = await LanguageServer.start({ kubeconfig, command: [old ?? '', alone.launcher, 'lsp', '--stdio'] })
    expect(await server.reached('failed')).toMatchObject({ problem: { kind: 'old-runtime' } })
    expect(await server.diagnose(server.open(misspelt))).toHaveLength(1)
    await server.stop()
  })

  async function checkedOut(input: string) {
    return run(['check', '-', '--format', 'json', '--kubeconfig', kubeconfig], { input })
  }

  async function innerOf(pid: number): Promise<number> {
    for (;;) {
      const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
      if (stdout.trim()) return Number(stdout.trim())
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
})

test('what was not built says so', async () => {
  const unbuilt = join(folder, 'unbuilt')
  cpSync(join(repository, 'bin'), join(unbuilt, 'bin'), { recursive: true })
  expect(await run(['rules'], { launcher: join(unbuilt, 'bin', 'istio-security.mjs') })).toEqual({
    code: 2,
    out: '',
    err: 'istio-security: not built yet; run "npm run build" first\n',
  })
})
