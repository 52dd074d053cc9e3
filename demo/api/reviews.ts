// "May I?": SelfSubjectAccessReview and SelfSubjectRulesReview, which every user may ask.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { may, type User } from './access.ts'
import { readJson, send, sendStatus } from './answers.ts'
import { badRequest, unknownPath } from './status.ts'

interface ResourceAttributes {
  readonly verb?: string
  readonly group?: string
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
}

/** Answers a POST to one of the two reviews; anything else is no path of this server. */
export async function serveReview(message: IncomingMessage, user: User, url: URL, response: ServerResponse): Promise<void> {
  const answer = message.method === 'POST' ? reviews.get(url.pathname.split('/').at(-1) ?? '') : undefined
  const body = await readJson(message)
  if (!answer) sendStatus(response, unknownPath())
  else if (!body) sendStatus(response, badRequest('the body of the request was not a JSON object'))
  else send(response, 201, answer(user, body))
}

const reviews: ReadonlyMap<string, (user: User, body: object) => object> = new Map([
  ['selfsubjectaccessreviews', accessReview],
  ['selfsubjectrulesreviews', rulesReview],
])

function accessReview(user: User, body: object): object {
  const spec = (body as { spec?: { resourceAttributes?: ResourceAttributes } }).spec ?? {}
  const { verb = '', group = '', resource = '', subresource, namespace, name } = spec.resourceAttributes ?? {}
  const allowed = may(user, {
    verb,
    group,
    resource: subresource ? `${resource}/${subresource}` : resource,
    ...(namespace && { namespace }),
    ...(name && { name }),
  })
  const status = allowed ? { allowed, reason: 'RBAC: allowed by ClusterRoleBinding "demo"' } : { allowed }
  return { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec, status }
}

function rulesReview(user: User, body: object): object {
  const { namespace = '' } = (body as { spec?: { namespace?: string } }).spec ?? {}
  const inForce = user.rules.filter(({ namespaces }) => namespaces === undefined || namespaces.includes(namespace))
  const resourceRules = inForce.map(({ verbs, groups, resources, names }) => ({
    verbs,
    apiGroups: groups,
    resources,
    ...(names && { resourceNames: names }),
  }))
  const nonResourceRules = [{ verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/version'] }]
  return {
    kind: 'SelfSubjectRulesReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec: {},
    status: { resourceRules, nonResourceRules, incomplete: false },
  }
}
