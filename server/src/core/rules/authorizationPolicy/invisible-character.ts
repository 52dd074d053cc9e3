import { checkPathTemplate } from '../../istio/values/pathTemplate.ts'
import { strayCharacter, type Writing, withoutStray } from '../../istio/values/strayCharacter.ts'
import { problem, replacement, type SchemaRule } from '../rule.ts'
import { compared, comparisonsIn, type Subject } from './comparison.ts'

export default {
  id: 'invisible-character',
  on: 'schema',
  of: compared,
  severity: 'warning',
  istio: 'accepts',
  summary: 'A space, an invisible or a typographic character in a value that is matched literally.',
  why: 'Nobody sends it, so the value matches nothing.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            paths: ["/cart "]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - to:
        - operation:
            paths: [/cart]
      when:
        - key: request.headers[x-team]
          values: [web and mobile]
`,

  *check(visit) {
    for (const { subject, written } of comparisonsIn(visit)) {
      const stray = strayCharacter(written.value, writings[subject])
      if (!stray || (subject === 'path' && checkPathTemplate(written.value) !== undefined)) continue
      const meant = withoutStray(written.value, writings[subject])
      const message = `This value has ${stray}, which nobody sends, so it matches nothing. ${meant ? `Write "${meant}".` : 'Remove it.'}`
      yield problem(written, message, ...(meant ? [replacement(written, meant)] : []))
    }
  },
} satisfies SchemaRule

const writings: Readonly<Record<Subject, Writing>> = {
  principal: 'name',
  requestPrincipal: 'text',
  namespace: 'name',
  serviceAccount: 'name',
  trustDomain: 'name',
  host: 'name',
  method: 'text',
  path: 'name',
  header: 'text',
  claim: 'text',
  serverName: 'name',
}
