import { describe, expect, test } from 'vitest'
import {
  connectionCommands,
  connectionLoadingPage,
  connectionPage,
  connectionProblemPage,
} from '../../../../client/src/pages/connection/page.ts'
import type { ConnectionInspection, ConnectionStep } from '../../../../server/src/protocol.ts'

const nonce = '0123456789abcdef'
const states = ['ok', 'ok', 'ok', 'failed', 'unknown', 'skipped', 'skipped', 'skipped'] as const
const ids = ['enrolment', 'client-tls', 'server-mode', 'server-chain', 'client-chain', 'identity', 'validity', 'authorization'] as const

function inspectionOf(name: string, text: string): ConnectionInspection {
  const steps = ids.map((id, at): ConnectionStep => {
    const state = states[at] ?? 'ok'
    const remedy = state === 'failed' || state === 'unknown' ? { remedy: `What now: ${text}` } : {}
    return { id, state, detail: `${text} at ${at}.`, evidence: [text], ...remedy }
  })
  return {
    from: { namespace: name, name, context: name },
    to: { namespace: name, name, context: name },
    port: 8080,
    readAt: '2026-11-21T09:00:00Z',
    report: { version: 1, verdict: 'fails', failedStep: 'server-chain', steps },
    verdict: text,
    text,
  }
}

const plain = inspectionOf('frontend-1', 'The chain ends')
const hostile = '"><img src=x onerror=alert(1)></text></svg><script>alert(1)</script><a href="command:workbench.action.quit">'
const problem = { message: `${hostile} has no proxy.`, remedy: hostile }

describe.each([
  ['an answer', connectionPage(inspectionOf(hostile, hostile), nonce)],
  ['a problem', connectionProblemPage(inspectionOf(hostile, hostile), problem, nonce)],
  ['the wait', connectionLoadingPage(inspectionOf(hostile, hostile), nonce)],
])('%s with names full of markup', (_, page) => {
  test('runs no script and loads nothing', () => {
    expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'/)
    expect(page).not.toMatch(/<script|<img|<iframe|onerror=alert\(1\)>/i)
  })

  test('links to nothing but its own commands', () => {
    const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, to]) => to)
    const own: readonly string[] = connectionCommands.map(command => `command:${command}`)
    expect(links.filter(link => !own.includes(link ?? ''))).toEqual([])
  })

  test('closes every element that it opens', () => {
    const count = (pattern: RegExp) => [...page.matchAll(pattern)].length
    for (const element of ['svg', 'text', 'li', 'ol', 'details', 'header', 'p']) {
      expect(count(new RegExp(`<${element}[ >]`, 'g')), element).toBe(count(new RegExp(`</${element}>`, 'g')))
    }
  })
})

test('each step stands in the picture and in the list, by more than its colour', () => {
  const page = connectionPage(plain, nonce)
  const [picture = ''] = /<svg class="handshake"[\s\S]*<\/svg>/.exec(page) ?? []
  expect([...picture.matchAll(/<text class="(?:ok|failed|unknown|skipped)"[^>]*>(\d) (.)/g)].map(([, at, mark]) => `${at}${mark}`)).toEqual(
    ['✓', '✓', '✓', '✗', '?', '○', '○', '○'].map((mark, at) => `${at + 1}${mark}`),
  )
  expect(picture).toContain('role="img" aria-label="frontend-1/frontend-1 to frontend-1/frontend-1:8080')
  for (const spoken of ['holds', 'fails', 'not known', 'not reached']) expect(page).toContain(`aria-label="${spoken}"`)
})

test('the evidence of the step that fails is open, that of the others is not', () => {
  const items = connectionPage(plain, nonce).match(/<li class="\w+">[\s\S]*?<\/li>\n|<li class="\w+">[\s\S]*?<\/details><\/li>/g) ?? []
  expect(items).toHaveLength(8)
  expect(items.map(item => item.includes('<details open>'))).toEqual(states.map(state => state === 'failed'))
})

test('long names are shortened in the picture and whole in the list', () => {
  const name = 'checkout-with-a-very-long-name-5f6d7c8b9-k8wzt'
  const page = connectionPage(inspectionOf(name, 'It works'), nonce)
  expect(page).toContain('>checkout-wit…d7c8b9-k8wzt<')
  expect(page).toContain(`<h1>${name} `)
})

test.each([
  ['of common length', 'frontend-854mxpw8m2-jsshd'],
  ['of 60 letters', `checkout-${'m'.repeat(40)}-dmzffll57h`],
  ['of wide signs', '漢'.repeat(60)],
  ['of pairs', '😀'.repeat(30)],
])('a name %s stays in its box, and the whole is in the title', (_, name) => {
  const page = connectionPage(inspectionOf(name, 'It works'), nonce)
  const drawn = [...page.matchAll(/<text class="(?:name|role)"[^>]*textLength="(\d+)"[^>]*>([^<]*)</g)]
  expect(drawn).toHaveLength(4)
  for (const [, length, text = ''] of drawn) {
    expect(Number(length)).toBeLessThan(200)
    expect([...text].length).toBeLessThanOrEqual(25)
    expect(text).not.toMatch(/\p{Cs}/u)
  }
  expect(page).toContain(`<title>${name}, client in ${name}</title>`)
})
