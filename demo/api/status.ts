// Failures as the API server words them: a `Status` object with code, reason and details.
import type { AccessAttributes, User } from './access.ts'
import type { ResourceType } from './resources.ts'

export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: object
  readonly status: 'Failure'
  readonly message: string
  readonly reason: string
  readonly details?: object
  readonly code: number
}

function failure(code: number, reason: string, message: string, details?: object): Status {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...(details && { details }), code }
}

export const unauthorized = (): Status => failure(401, 'Unauthorized', 'Unauthorized')

export function forbidden(user: User, { verb, group, resource, namespace, name }: AccessAttributes): Status {
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const [plural] = resource.split('/')
  const subject = `${group ? `${plural}.${group}` : plural}${name === undefined ? '' : ` "${name}"`}`
  const message = `${subject} is forbidden: User "${user.name}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`
  return failure(403, 'Forbidden', message, { ...(name && { name }), ...(group && { group }), kind: plural })
}

export function notFound({ group, plural }: ResourceType, name: string): Status {
  const message = `${group ? `${plural}.${group}` : plural} "${name}" not found`
  return failure(404, 'NotFound', message, { name, ...(group && { group }), kind: plural })
}

export const unknownPath = (): Status => failure(404, 'NotFound', 'the server could not find the requested resource', {})

export const badRequest = (message: string): Status => failure(400, 'BadRequest', message)

export const invalid = (message: string): Status => failure(422, 'Invalid', message)

export const gone = (wanted: string, current: number): Status => failure(410, 'Expired', `too old resource version: ${wanted} (${current})`)

export function tooManyRequests(seconds: number): Status {
  const message = 'the server has received too many requests and has asked us to try again later'
  return failure(429, 'TooManyRequests', message, { retryAfterSeconds: seconds })
}

export const internalError = (): Status => failure(500, 'InternalError', 'Internal error occurred: the demo was told to fail')

export const unavailable = (): Status => failure(503, 'ServiceUnavailable', 'the server is currently unable to handle the request')
