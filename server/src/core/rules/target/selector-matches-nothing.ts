import { knowsSelectables, type Selectable, selectables, selectedBy } from '../../decide/selectable.ts'
import { nearest } from '../../istio/nearest.ts'
import { own } from '../../istio/own.ts'
import type { Selector } from '../../istio/resources.ts'
import { formatLabels, isTemplated, labelsSpan } from '../../istio/selector.ts'
import { type Problem, problem, type Rule, replacement } from '../rule.ts'

type Selecting = 'AuthorizationPolicy' | 'PeerAuthentication' | 'RequestAuthentication' | 'Sidecar'

const effects: Readonly<Record<Selecting, string>> = {
  AuthorizationPolicy: 'so this policy is enforced nowhere.',
  PeerAuthentication: 'so its mode applies nowhere.',
  RequestAuthentication: 'so no token is checked by it.',
  Sidecar: 'so it configures no proxy.',
}

export default {
  id: 'selector-matches-nothing',
  on: ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication', 'Sidecar'],
  severity: 'warning',
  istio: 'accepts',
  summary: 'A selector names labels that no workload has.',
  why: 'The object applies to nothing, and the workload you meant goes without it.',
  codes: ['IST0127', 'KIA0004'],
  bad: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout } }
    spec:
      containers: [{ name: app, image: example.com/checkout:1 }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  selector: { matchLabels: { app: chekout } }
`,
  good: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: checkout, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
  template:
    metadata: { labels: { app: checkout } }
    spec:
      containers: [{ name: app, image: example.com/checkout:1 }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  selector: { matchLabels: { app: checkout } }
`,

  *check(object, mesh) {
    const { selector, kind, namespace } = object
    if (!selector || selector.labels.length === 0 || isTemplated(selector)) return
    if ('targetRefs' in object && object.targetRefs.length > 0) return
    const ofRoot = namespace === mesh.settings.rootNamespace
    // The rule root-namespace-selector says why such a policy applies nowhere.
    if (kind === 'PeerAuthentication' && ofRoot) return
    // In the root namespace these two reach every namespace; one without a namespace goes where it is applied.
    const everywhere = (ofRoot && kind !== 'Sidecar') || !object.at.namespace
    const scope = everywhere ? undefined : namespace
    if (selectedBy(selector, mesh, scope).length > 0 || !knowsSelectables(mesh, scope)) return
    const where = everywhere ? 'No workload' : `No workload of namespace "${namespace}"`
    const what = `${where} has the ${formatLabels(selector.labels)}, ${effects[kind]}`
    const [elsewhere] = everywhere ? [] : selectedBy(selector, mesh)
    yield elsewhere
      ? problem(
          labelsSpan(selector),
          `${what} "${elsewhere.name}" in namespace "${elsewhere.namespace}" matches, but a selector reaches only its own namespace.`,
        )
      : nothing(selector, what, selectables(mesh, scope))
  },
} satisfies Rule<Selecting>

const advice = 'Write the labels of the pods you mean.'

/** With the value that was meant, where one label alone is wrong. */
function nothing(selector: Selector, what: string, candidates: readonly Selectable[]): Problem {
  const [wrong, ...more] = selector.labels.filter(({ key, value }) => !candidates.some(({ labels }) => labels[key.value] === value.value))
  if (!wrong || more.length > 0) return problem(labelsSpan(selector), `${what} ${advice}`)
  const rest = selector.labels.filter(each => each !== wrong)
  const fitting = candidates.filter(({ labels }) => rest.every(({ key, value }) => labels[key.value] === value.value))
  const values = new Set(fitting.flatMap(({ labels }) => own(labels, wrong.key.value) ?? []))
  const meant = nearest(wrong.value.value, values)
  return meant
    ? problem(wrong.value, `${what} Did you mean "${meant}"?`, replacement(wrong.value, meant))
    : problem(labelsSpan(selector), `${what} ${advice}`)
}
