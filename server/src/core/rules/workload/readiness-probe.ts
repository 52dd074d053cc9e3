import { lacks } from '../../istio/schema/decoded.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { execProbe, httpProbe, probeHeader, probeMethods, readinessProbe } from '../../istio/schema/workloadGroup.ts'
import { isPlaceholder } from '../../istio/values/placeholder.ts'
import { judged, type Problem, problem, type SchemaRule } from '../rule.ts'

export default {
  id: 'readiness-probe',
  on: 'schema',
  of: [readinessProbe, httpProbe, probeHeader, execProbe],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A readiness probe that Istio cannot run.',
  why: 'Istio refuses the object. A probe is an HTTP request, a TCP connection or a command.',
  codes: [],
  bad: `
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: checkout, namespace: shop }
spec:
  template: { serviceAccount: checkout }
  probe: { periodSeconds: 5 }
`,
  good: `
apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata: { name: checkout, namespace: shop }
spec:
  template: { serviceAccount: checkout }
  probe: { periodSeconds: 5, httpGet: { path: /healthz, port: 8080 } }
`,

  *check(visit) {
    if (visit.schema === readinessProbe) yield* method(visit)
    if (visit.schema === httpProbe) yield* scheme(visit)
    if (visit.schema === probeHeader) yield* headerName(visit)
    if (visit.schema === execProbe) yield* command(visit)
  },
} satisfies SchemaRule

function* method({ fields, key, node }: Visit): Generator<Problem> {
  const grpc = fields.key('grpc')
  if (grpc) yield problem(grpc, 'Istio does not support a gRPC probe here, so it refuses the object. Use "httpGet", "tcpSocket" or "exec".')
  else if (probeMethods.every(name => lacks(fields, name))) {
    yield problem(key ?? node, 'The probe does not say what to ask, so Istio refuses the object. Write "httpGet", "tcpSocket" or "exec".')
  }
}

function* scheme({ fields }: Visit): Generator<Problem> {
  const written = fields.text('scheme')
  if (!written || ['', 'HTTP', 'HTTPS'].includes(written.value) || isPlaceholder(written.value)) return
  yield judged(
    ['webhook', 'crd'],
    problem(written, `"${written.value}" is no valid probe scheme, so the API server refuses the object. Write "HTTP" or "HTTPS".`),
  )
}

/** The CRD takes underscores too. */
function* headerName({ fields }: Visit): Generator<Problem> {
  const name = fields.text('name')
  if (!name || /^[-A-Za-z0-9]+$/.test(name.value) || isPlaceholder(name.value)) return
  const message = `"${name.value}" is no valid header name, so Istio refuses the object. Use letters, digits and dashes.`
  yield judged(/^[-_A-Za-z0-9]+$/.test(name.value) ? ['webhook'] : ['webhook', 'crd'], problem(name, message))
}

function* command({ fields }: Visit): Generator<Problem> {
  const list = fields.get('command')
  if (list?.kind === 'sequence' && list.items.length === 0)
    yield problem(list, 'The command of the probe is empty, so Istio refuses the object. Write it.')
}
