// The command line that asks the same question of the same world.
import type { WrittenCase } from '../policytest/writtenCase.ts'

/** What is asked about: options that say where the objects come from. */
export interface AskedWorld {
  readonly mesh: readonly string[]
  readonly closedWorld: boolean
  readonly namespaces: readonly string[]
  readonly kubeconfig?: string
  readonly context?: string
  readonly istioVersion?: string
}

/** One line for a shell; with the case on its standard input where options cannot say all of it. */
export function authorizeCommand(asked: WrittenCase, world: AskedWorld): string {
  const question = questionOptions(asked)
  const command = ['istio-security', 'authorize', '.', ...(question ?? ['--request', '-']), ...worldOptions(world)].map(quoted).join(' ')
  return question ? command : `printf %s ${quoted(JSON.stringify(asked))} | ${command}`
}

type Options = readonly string[]

function questionOptions({ from, to, ip, remoteIp, request, jwt, provider, sni }: WrittenCase): Options | undefined {
  const claims = jwt === undefined ? [] : claimsOf(jwt)
  if (claims === undefined || to.ip !== undefined || (jwt && !request)) return undefined
  const headers = Object.entries(request?.headers ?? {}).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map(each => ['--header', `${name}=${each}`]),
  )
  return [
    ...callerOptions(from),
    ...option('--to', to.port === undefined ? to.workload : `${to.workload}:${to.port}`),
    ...option('--service', to.service),
    ...option('--ip', ip),
    ...option('--remote-ip', remoteIp),
    ...(request ? [] : ['--tcp']),
    ...option('--method', request?.method),
    ...option('--path', request?.path),
    ...option('--host', request?.host),
    ...headers.flat(),
    ...claims.flatMap(claim => ['--claim', claim]),
    ...option('--provider', provider),
    ...option('--sni', sni),
  ]
}

function callerOptions(from: WrittenCase['from']): Options {
  if ('workload' in from) return ['--from', from.workload]
  return 'principal' in from ? ['--principal', from.principal] : ['--plaintext']
}

/** Options carry texts only, in the usual header; undefined for a token that they cannot describe. */
function claimsOf({ claims, in: place, invalid, ...registered }: NonNullable<WrittenCase['jwt']>): readonly string[] | undefined {
  if (place !== undefined || invalid !== undefined) return undefined
  const all = Object.entries({ ...claims, ...registered })
  const pairs = all.flatMap(([name, value]) => {
    const values: readonly unknown[] = Array.isArray(value) && value.length > 1 ? value : [value]
    return name === '' || name.includes('=') ? [undefined] : values.map(each => (typeof each === 'string' ? `${name}=${each}` : undefined))
  })
  const texts = pairs.filter(pair => pair !== undefined)
  return texts.length === pairs.length && texts.length > 0 ? texts : undefined
}

function worldOptions({ mesh, closedWorld, namespaces, kubeconfig, context, istioVersion }: AskedWorld): Options {
  return [
    ...mesh.flatMap(path => ['--mesh', path]),
    ...(closedWorld ? ['--closed-world'] : []),
    ...option('--kubeconfig', kubeconfig),
    ...option('--context', context),
    ...(context === undefined ? [] : namespaces.flatMap(namespace => ['--namespace', namespace])),
    ...option('--istio-version', istioVersion),
  ]
}

function option(name: string, value: string | undefined): Options {
  return value === undefined ? [] : [name, value]
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
