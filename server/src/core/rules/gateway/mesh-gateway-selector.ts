import { selectables } from '../../decide/selectable.ts'
import { gatewayLabels } from '../../istio/schema/gateway.ts'
import { entry } from '../../yaml/tree.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'mesh-gateway-selector',
  on: 'schema',
  of: [gatewayLabels],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A Gateway selects pods with the label "istio: mesh".',
  why: 'In a VirtualService "mesh" means all sidecars, but no pod has it as a label, so no proxy opens the servers.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: mesh }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
`,

  *check({ node }, mesh) {
    const label = entry(node, 'istio')
    if (label?.value?.kind !== 'scalar' || label.value.value !== 'mesh') return
    if (selectables(mesh).some(({ labels }) => labels.istio === 'mesh')) return
    yield problem(label.value, 'No gateway has the label "istio: mesh", so no proxy opens these servers. Write the labels of gateway pods.')
  },
} satisfies SchemaRule
