// The attributes that `when` can ask for. Source: istio/istio:pilot/pkg/security/authz/model/model.go (New), generator.go.
import { readBracketedKey } from '../../istio/values/bracketedKey.ts'
import { type Attribute, attribute } from './attribute.ts'
import { claim, requestPrincipal } from './claimMatch.ts'
import { type MetadataValue, nothing } from './facts.ts'
import { port } from './operationMatch.ts'
import { address, namespace, principal, remoteIp, serviceAccount, sourceIp, trustDomain } from './sourceMatch.ts'
import { headerMatch, stringMatch } from './stringMatch.ts'

const sni = attribute<string>({ noun: 'SNI', read: facts => facts.sni, pattern: stringMatch })
const destinationIp = attribute(address('destination address', facts => facts.destinationIp))

const plain: ReadonlyMap<string, Attribute> = new Map([
  ['source.ip', sourceIp],
  ['remote.ip', remoteIp],
  ['source.namespace', namespace],
  ['source.serviceAccount', serviceAccount],
  ['source.trustDomain', trustDomain],
  ['source.principal', principal],
  ['request.auth.principal', requestPrincipal],
  ['request.auth.audiences', claim(['aud'])],
  ['request.auth.presenter', claim(['azp'])],
  ['destination.ip', destinationIp],
  ['destination.port', port],
  ['connection.sni', sni],
])

const filters = 'experimental.'

/** Undefined for a key that Istio does not know: it makes no filter of the rule. */
export function conditionAttribute(key: string): Attribute | undefined {
  const known = plain.get(key)
  if (known) return known
  if (key.startsWith('experimental.envoy.filters.')) return metadata(key.slice(filters.length))
  const bracketed = readBracketedKey(key)
  if (!bracketed) return undefined
  return bracketed.base === 'request.headers' ? header(bracketed.names?.[0]) : claim(bracketed.names)
}

function header(name: string | undefined): Attribute {
  return attribute<string>({
    noun: `header ${name ?? ''}`,
    httpOnly: true,
    read: ({ http }) => http?.header(name ?? '') ?? nothing,
    isPresence: value => value === '*',
    pattern: value => (name === undefined ? undefined : headerMatch(value)),
  })
}

/** `envoy.filters.http.lua[role]`: a text, or with a value in brackets a list that holds it. */
function metadata(key: string): Attribute {
  const open = key.indexOf('[')
  const filter = key.slice(0, open)
  const name = key.slice(open + 1).replace(/\]$/, '')
  return attribute<MetadataValue>({
    noun: `metadata ${key}`,
    read: facts => facts.metadata(filter, name),
    pattern: value => {
      if (open < 0) return undefined
      const isList = value.startsWith('[') && value.endsWith(']')
      const matches = stringMatch(isList ? value.replaceAll(/^[[\]]+|[[\]]+$/g, '') : value)
      return found => (isList ? typeof found !== 'string' && found.some(matches) : typeof found === 'string' && matches(found))
    },
  })
}
