// The identities a policy names, gathered from all the places where they can stand.
import type { Located } from '../yaml/tree.ts'
import type { AuthorizationPolicy } from './resources.ts'

/** Every value that is compared with a whole identity (`principals`, `notPrincipals`, `source.principal`). */
export function principalsOf(policy: AuthorizationPolicy): readonly Located<string>[] {
  return policy.rules.flatMap(rule => [
    ...rule.from.flatMap(source => [...source.principals, ...source.notPrincipals]),
    ...rule.when.filter(({ key }) => key.value === 'source.principal').flatMap(({ values, notValues }) => [...values, ...notValues]),
  ])
}

export interface WrittenServiceAccount {
  readonly written: Located<string>
  readonly namespace: string
  readonly name: string
}

/** Every value of `serviceAccounts`, `notServiceAccounts` and `source.serviceAccount`; a bare name means the policy's own namespace. */
export function serviceAccountsOf(policy: AuthorizationPolicy): readonly WrittenServiceAccount[] {
  const values = policy.rules.flatMap(rule => [
    ...rule.from.flatMap(source => [...source.serviceAccounts, ...source.notServiceAccounts]),
    ...rule.when.filter(({ key }) => key.value === 'source.serviceAccount').flatMap(({ values, notValues }) => [...values, ...notValues]),
  ])
  return values.flatMap(written => {
    const [first = '', second, ...more] = written.value.split('/')
    if (more.length > 0 || first === '' || second === '') return []
    return [{ written, namespace: second === undefined ? policy.namespace : first, name: second ?? first }]
  })
}
