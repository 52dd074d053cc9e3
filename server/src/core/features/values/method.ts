import type { OfferedValue } from './value.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE']

export const httpMethods: readonly OfferedValue[] = methods.map((value, rank) => ({
  value,
  detail: value === 'POST' ? 'HTTP method; every gRPC call' : 'HTTP method',
  rank,
}))
