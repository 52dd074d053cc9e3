// What is called: the fields of an `operation`. Source: istio/istio:pilot/pkg/security/authz/model/generator.go.
import type { AuthorizationOperation } from '../../istio/resources.ts'
import { type Attribute, attribute } from './attribute.ts'
import { nothing } from './facts.ts'
import { pathMatch } from './pathMatch.ts'
import { headerMatch, hostMatch } from './stringMatch.ts'

const isStar = (value: string) => value === '*'

export const host = attribute<string>({
  noun: 'host',
  httpOnly: true,
  read: ({ http }) => http?.host ?? nothing,
  isPresence: isStar,
  pattern: hostMatch,
})

export const method = attribute<string>({
  noun: 'method',
  httpOnly: true,
  read: ({ http }) => http?.method ?? nothing,
  isPresence: isStar,
  pattern: headerMatch,
})

export const path = attribute<string>({ noun: 'path', httpOnly: true, read: ({ http }) => http?.path ?? nothing, pattern: pathMatch })

const highestPort = 65_535

export const port = attribute<number>({
  noun: 'port',
  read: facts => ({ values: [facts.port] }),
  pattern: value => {
    const wanted = /^\d+$/.test(value) ? Number(value) : Number.NaN
    return wanted <= highestPort ? of => of === wanted : undefined
  },
})

type OperationList = Exclude<keyof AuthorizationOperation, 'span'>

export const operationFields: readonly (readonly [values: OperationList, notValues: OperationList, attribute: Attribute])[] = [
  ['hosts', 'notHosts', host],
  ['methods', 'notMethods', method],
  ['paths', 'notPaths', path],
  ['ports', 'notPorts', port],
]
