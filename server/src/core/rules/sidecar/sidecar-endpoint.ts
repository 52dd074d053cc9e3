import { ingressListener } from '../../istio/schema/sidecar.ts'
import { isPort, splitHostPort } from '../../istio/values/endpoint.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { isUnixPath, unixPath } from '../../istio/values/unixAddress.ts'
import { problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'sidecar-endpoint',
  on: 'schema',
  of: [ingressListener],
  severity: 'error',
  istio: ['webhook'],
  summary: 'The endpoint of an inbound listener is not the workload itself.',
  why: 'A sidecar passes traffic only to its own workload: 127.0.0.1, the address of the pod (0.0.0.0), or a Unix domain socket.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 8443, protocol: HTTP, name: http }
      defaultEndpoint: 10.0.0.5:8080
`,
  good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: checkout, namespace: shop }
spec:
  ingress:
    - port: { number: 8443, protocol: HTTP, name: http }
      defaultEndpoint: 127.0.0.1:8080
`,

  *check({ fields }) {
    const endpoint = fields.text('defaultEndpoint')
    if (!fields.has('port') || !endpoint || endpoint.value === '' || isPlaceholder(endpoint.value) || isEndpoint(endpoint.value)) return
    const forms = '"127.0.0.1:8080", "0.0.0.0:8080" or "unix:///run/app.sock"'
    yield problem(
      endpoint,
      `"${endpoint.value}" is no endpoint of the workload itself, so Istio refuses the object. Write one such as ${forms}.`,
    )
  },
} satisfies SchemaRule

const hosts: ReadonlySet<string> = new Set(['', '127.0.0.1', '0.0.0.0', '::1', '::'])

function isEndpoint(text: string): boolean {
  const path = unixPath(text)
  if (path !== undefined) return isUnixPath(path)
  const endpoint = splitHostPort(text)
  return endpoint !== undefined && hosts.has(endpoint.host) && isPort(endpoint.port)
}
