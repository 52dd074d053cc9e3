// Show CA Certificate: a root or intermediate of the Certificates view as text and PEM.
import type { Handler } from '../app.ts'
import type { AuthorityRow } from '../views/certificates/rows.ts'

export const openAuthority: Handler = async ({ authorityTexts, certificates }, target) => {
  const row = isAuthority(target) ? target : certificates.selected
  if (isAuthority(row)) await authorityTexts.open(row)
}

function isAuthority(target: unknown): target is AuthorityRow {
  return target !== null && typeof target === 'object' && 'kind' in target && target.kind === 'authority'
}
