// Tokens of service accounts that expire when a test wants it: the API server itself gives out none for less than ten minutes.
import { createPrivateKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { issuer } from './apiServer.ts'
import type { Plane } from './plane.ts'

/** The API server accepts a token for so long after its end, since clocks differ (go-jose, `DefaultLeeway`). */
const leewaySeconds = 60

export interface Account {
  readonly namespace: string
  readonly name: string
}

/** The user as whom an account is known. */
export const userOf = ({ namespace, name }: Account) => `system:serviceaccount:${namespace}:${name}`

/** A token that the API server accepts for so many seconds, as far as it has not seen it before: it remembers answers for ten. */
export async function tokenFor({ admin, site }: Plane, account: Account, seconds: number): Promise<string> {
  const { namespace, name } = account
  const { body } = await admin.request('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`)
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: issuer,
    aud: [issuer],
    sub: userOf(account),
    iat: now - 3600,
    nbf: now - 3600,
    exp: now + seconds - leewaySeconds,
    jti: `${now}-${seconds}`,
    'kubernetes.io': { namespace, serviceaccount: { name, uid: body.metadata.uid } },
  }
  const signed = [{ alg: 'RS256', typ: 'JWT' }, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const key = createPrivateKey(await readFile(join(site.folder, 'service-accounts.key'), 'utf8'))
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`
}
