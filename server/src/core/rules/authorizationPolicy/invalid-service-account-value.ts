import { condition, serviceAccount, source } from '../../istio/schema/authorizationPolicy.ts'
import type { Visit } from '../../istio/schema/walk.ts'
import { checkServiceAccount, isTooLongForCrd, mostServiceAccounts, repairServiceAccount } from '../../istio/values/serviceAccountValue.ts'
import type { Span } from '../../yaml/tree.ts'
import { type Judgement, judged, problem, replacement, type SchemaRule } from '../rule.ts'
import { comparedValues } from './values.ts'

export default {
  id: 'invalid-service-account-value',
  on: 'schema',
  of: [source, serviceAccount, condition],
  severity: 'error',
  istio: ['webhook'],
  summary: 'A service account that is not written as "namespace/serviceAccount".',
  why: 'Istio refuses the object. There are no wildcards, and at most 16 values in a list.',
  codes: [],
  bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            serviceAccounts: [shop/*]
`,
  good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: pay, namespace: shop }
spec:
  rules:
    - from:
        - source:
            namespaces: [shop]
`,

  *check(visit) {
    for (const { name, count, where } of listsIn(visit)) {
      if (count <= mostServiceAccounts) continue
      const message = `"${name}" has ${count} values, and at most ${mostServiceAccounts} are allowed, so Istio refuses the object. ${overflow[name]}`
      yield judged(refusal(visit, true), problem(where, message))
    }
    if (visit.schema === source) return
    for (const written of comparedValues(visit, attribute)) {
      const advice = checkServiceAccount(written.value)
      if (!advice) continue
      const repaired = repairServiceAccount(written.value)
      const message = `"${written.value}" is no service account, so Istio refuses the object. ${advice}`
      const found = problem(written, message, ...(repaired ? [replacement(written, repaired)] : []))
      yield judged(refusal(visit, isTooLongForCrd(written.value)), found)
    }
  },
} satisfies SchemaRule

/** Sources and rules are alternatives, conditions all hold. */
const overflow: Readonly<Record<ListName, string>> = {
  serviceAccounts: 'Name the others in another source.',
  notServiceAccounts: 'Name the others in a condition on "source.serviceAccount".',
  values: 'Name the others in another rule.',
  notValues: 'Name the others in another condition.',
}

const attribute = 'source.serviceAccount'

/** The CRD knows bounds of the fields of a source, not of conditions. */
function refusal({ schema }: Visit, isOutOfBounds: boolean): Judgement {
  return isOutOfBounds && schema !== condition ? ['webhook', 'crd'] : ['webhook']
}

type ListName = 'serviceAccounts' | 'notServiceAccounts' | 'values' | 'notValues'

interface WrittenList {
  readonly name: ListName
  readonly count: number
  readonly where: { readonly span: Span }
}

function listsIn({ schema, fields }: Visit): readonly WrittenList[] {
  const names: readonly ListName[] =
    schema === source ? ['serviceAccounts', 'notServiceAccounts'] : fields.text('key')?.value === attribute ? ['values', 'notValues'] : []
  return names.flatMap(name => {
    const where = fields.key(name)
    return where ? [{ name, count: fields.items(name).length, where }] : []
  })
}
