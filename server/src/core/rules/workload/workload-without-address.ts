import { textAt } from '../../istio/schema/decoded.ts'
import { endpoint, workloadEntrySpec } from '../../istio/schema/workloadEntry.ts'
import { addressForm } from '../../istio/workload.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'workload-without-address',
  on: 'schema',
  of: [workloadEntrySpec, endpoint],
  severity: 'warning',
  istio: 'warns',
  summary: 'A workload with a network but without an address.',
  why: 'It can be reached only through the gateway of its network.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: checkout, namespace: shop }
spec:
  network: vm-network
  serviceAccount: checkout
`,
  good: `
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: checkout, namespace: shop }
spec:
  address: 10.0.0.5
  network: vm-network
  serviceAccount: checkout
`,

  *check(visit) {
    const { fields } = visit
    const form = addressForm(visit)
    const network = fields.get('network')
    if (!network || !textAt(fields, 'network') || textAt(fields, 'address') !== '' || (form !== 'any' && form !== 'static')) return
    yield problem(
      network,
      'There is no address beside this network, so Istio warns: only the gateway of the network leads there. Write "address" if it has one.',
    )
  },
} satisfies SchemaRule
