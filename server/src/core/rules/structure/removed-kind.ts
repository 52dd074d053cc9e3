import type { SourceFile } from '../../istio/file.ts'
import { objectsOf } from '../../istio/read.ts'
import { convert } from '../../istio/removed/convert.ts'
import { replacementOf } from '../../istio/removed/kinds.ts'
import { written } from '../../istio/removed/manifest.ts'
import type { Service } from '../../istio/resources.ts'
import { type Node, stringAt } from '../../yaml/tree.ts'
import { type Change, type DocumentRule, type Fix, fix, problem } from '../rule.ts'

export default {
  id: 'removed-kind',
  on: 'document',
  severity: 'error',
  istio: ['crd'],
  summary: 'A kind that Istio removed in 1.6.',
  why: 'The API server does not know it and refuses the object; what it protected is not protected.',
  codes: [],
  bad: `
apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata: { name: default, namespace: shop }
spec:
  peers:
    - mtls: { mode: STRICT }
`,
  good: `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,

  *check(document, file) {
    for (const object of objectsOf(document.root)) {
      const apiVersion = stringAt(object, 'apiVersion')
      const kind = stringAt(object, 'kind')
      const replacement = apiVersion && kind && replacementOf(apiVersion.value, kind.value)
      if (!object || !replacement) continue
      const fixes = object === document.root ? conversion(object, file) : []
      yield problem(kind, `Istio removed "${kind.value}" in 1.6, so the API server refuses the object. ${replacement}`, ...fixes)
    }
  },
} satisfies DocumentRule

function conversion(object: Node, file: SourceFile): readonly Fix[] {
  const roots = file.documents.flatMap(({ root, templated }) => (root && !templated ? root : []))
  const services = file.resources.filter((each): each is Service => each.kind === 'Service')
  const replaced = convert(object, roots, services)
  if (!replaced || replaced.manifests.length === 0) return []
  const kinds = [...new Set(replaced.manifests.map(({ kind }) => kind))]
  const [first] = replaced.manifests
  const contained = replaced.contains.map(binding =>
    change(
      binding,
      `# ServiceRoleBinding "${stringAt(binding, 'metadata', 'name')?.value ?? ''}" is part of the AuthorizationPolicy "${first?.name}".`,
      file,
    ),
  )
  return [fix(`Replace it with ${new Intl.ListFormat('en').format(kinds)}`, change(replaced.object, written(replaced), file), ...contained)]
}

/** The line end behind an object stays. */
function change({ span }: Node, text: string, file: SourceFile): Change {
  const end = span.start + file.text.slice(span.start, span.end).trimEnd().length
  return { span: { start: span.start, end }, text }
}
