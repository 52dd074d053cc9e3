import { standsBeside } from '../../decide/beside.ts'
import { namesWorkloads } from '../../istio/selector.ts'
import { isAmbientNamespace } from '../../mesh/enrolment.ts'
import { problem, type Rule } from '../rule.ts'

export default {
  id: 'several-default-sidecars',
  on: 'Sidecar',
  severity: 'warning',
  istio: 'accepts',
  summary: 'A namespace has two Sidecars without a selector.',
  why: 'Istio uses one of them, the older, and ignores the other.',
  codes: ['IST0111', 'KIA0002'],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress: [{ hosts: [./*] }]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: egress, namespace: shop }
spec:
  egress: [{ hosts: [bank/*] }]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: shop }
spec:
  egress: [{ hosts: [./*, bank/*] }]
`,

  *check(sidecar, mesh) {
    if (namesWorkloads(sidecar.selector) || isAmbientNamespace(mesh.find('Namespace', '', sidecar.namespace))) return
    const other = mesh.in('Sidecar', sidecar.namespace).find(each => standsBeside(sidecar, each) && !namesWorkloads(each.selector))
    if (!other) return
    yield problem(
      sidecar.at.name ?? sidecar.at.kind,
      `Sidecar "${other.name}" has no "workloadSelector" either. Istio uses the older of the two for namespace "${sidecar.namespace}" and ignores the other. Keep one.`,
    )
  },
} satisfies Rule<'Sidecar'>
