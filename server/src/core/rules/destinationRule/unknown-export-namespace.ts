import { nearest } from '../../istio/nearest.ts'
import { isDns1123Label } from '../../istio/values/hostName.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { everywhere, nowhere, ownNamespace } from '../../istio/values/visibility.ts'
import { problem, type Rule, replacement } from '../rule.ts'

export default {
  id: 'unknown-export-namespace',
  on: 'DestinationRule',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A DestinationRule is exported to a namespace that does not exist.',
  why: 'No client lives there, so the clients you meant go without the rule.',
  codes: ['KIA0005'],
  bad: `
apiVersion: v1
kind: Namespace
metadata: { name: bank }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: partner, namespace: shop }
spec:
  host: "*.example.com"
  exportTo: [banc]
`,
  good: `
apiVersion: v1
kind: Namespace
metadata: { name: bank }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: partner, namespace: shop }
spec:
  host: "*.example.com"
  exportTo: [bank]
`,

  *check({ exportTo }, mesh) {
    for (const written of exportTo) {
      const { value } = written
      if ([ownNamespace, everywhere, nowhere].includes(value) || !isDns1123Label(value) || isPlaceholder(value)) continue
      if (mesh.presence('Namespace', '', value) !== 'absent' || [...mesh.namespaces].some(isPlaceholder)) continue
      const what = `No namespace "${value}", so this entry has no effect.`
      const meant = nearest(value, mesh.namespaces)
      yield meant
        ? problem(written, `${what} Did you mean "${meant}"?`, replacement(written, meant))
        : problem(written, `${what} Correct or remove it.`)
    }
  },
} satisfies Rule<'DestinationRule'>
