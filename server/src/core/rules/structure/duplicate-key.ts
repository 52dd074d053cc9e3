import { type DocumentRule, problem } from '../rule.ts'

export default {
  id: 'duplicate-key',
  on: 'document',
  severity: 'error',
  istio: ['strict'],
  summary: 'A key is written twice in the same map.',
  why: '"istioctl validate" refuses the file; everything else silently keeps only the last one.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
  mtls: { mode: PERMISSIVE }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,

  *check(document) {
    // Where the text breaks, keys end up in maps they were not written in.
    if (document.problems.some(({ code }) => code !== 'DUPLICATE_KEY')) return
    for (const { code, detail, span } of document.problems) {
      if (code === 'DUPLICATE_KEY') yield problem(span, `"${detail}" is written twice in this map, and only the last one counts. Keep one.`)
    }
  },
} satisfies DocumentRule
