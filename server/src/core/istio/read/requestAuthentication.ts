// RequestAuthentication, and what MeshConfig says about requests: paths, authorizers, proxies in front.
import { at, get, itemsAt, type Node, stringAt, stringsAt } from '../../yaml/tree.ts'
import { own } from '../own.ts'
import type { ExtensionProvider, JwtRule, MeshConfig, PathNormalization, RequestAuthentication } from '../resources.ts'
import { type Common, flagAt, numberAt, readSelector, readTargetRefs } from './parts.ts'

export function readRequestAuthentication(root: Node, common: Common): RequestAuthentication {
  const spec = get(root, 'spec')
  const selector = readSelector(spec)
  return {
    ...common,
    kind: 'RequestAuthentication',
    targetRefs: readTargetRefs(spec),
    jwtRules: itemsAt(spec, 'jwtRules').map(readJwtRule),
    ...(selector ? { selector } : {}),
  }
}

function readJwtRule(node: Node | undefined): JwtRule {
  const issuer = stringAt(node, 'issuer')
  const payloadHeader = stringAt(node, 'outputPayloadToHeader')?.value
  return {
    audiences: stringsAt(node, 'audiences'),
    fromHeaders: itemsAt(node, 'fromHeaders').map(each => ({
      name: stringAt(each, 'name')?.value ?? '',
      prefix: stringAt(each, 'prefix')?.value ?? '',
    })),
    fromParams: stringsAt(node, 'fromParams'),
    fromCookies: stringsAt(node, 'fromCookies'),
    keys: stringAt(node, 'jwks')?.value ? 'inline' : (stringAt(node, 'jwksUri') ?? stringAt(node, 'jwks_uri')) ? 'url' : 'discovered',
    forwardOriginalToken: flagAt(node, 'forwardOriginalToken'),
    outputClaimToHeaders: itemsAt(node, 'outputClaimToHeaders').map(each => ({
      header: stringAt(each, 'header')?.value ?? '',
      claim: stringAt(each, 'claim')?.value ?? '',
    })),
    spaceDelimitedClaims: stringsAt(node, 'spaceDelimitedClaims'),
    ...(issuer?.value ? { issuer } : {}),
    ...(payloadHeader ? { outputPayloadToHeader: payloadHeader } : {}),
  }
}

type RequestSettings = Pick<MeshConfig, 'foreignTrustDomains' | 'pathNormalization' | 'extensionProviders' | 'numTrustedProxies'>

const normalizations: Readonly<Record<string, PathNormalization>> = {
  NONE: 'NONE',
  BASE: 'BASE',
  DEFAULT: 'BASE',
  MERGE_SLASHES: 'MERGE_SLASHES',
  DECODE_AND_MERGE_SLASHES: 'DECODE_AND_MERGE_SLASHES',
}

export function readRequestSettings(settings: Node | undefined): RequestSettings {
  return {
    foreignTrustDomains: itemsAt(settings, 'caCertificates').flatMap(each => stringsAt(each, 'trustDomains').map(({ value }) => value)),
    pathNormalization: own(normalizations, stringAt(settings, 'pathNormalization', 'normalization')?.value ?? 'DEFAULT') ?? 'BASE',
    extensionProviders: itemsAt(settings, 'extensionProviders').map(readProvider),
    numTrustedProxies: numberAt(settings, 'defaultConfig', 'gatewayTopology', 'numTrustedProxies') ?? 0,
  }
}

function readProvider(node: Node | undefined): ExtensionProvider {
  const name = stringAt(node, 'name')?.value ?? ''
  const [field, authorizer] = at(node, ['envoyExtAuthzHttp'])
    ? (['envoyExtAuthzHttp', 'http'] as const)
    : (['envoyExtAuthzGrpc', 'grpc'] as const)
  const settings = at(node, [field])
  return settings ? { name, authorizer, service: stringAt(settings, 'service')?.value ?? '' } : { name }
}
