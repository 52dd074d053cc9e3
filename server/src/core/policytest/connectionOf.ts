// From a question with names to a connection between things of a mesh.
import { type Caller, type Connection, callerOf, type Destination } from '../decide/authorization/connection.ts'
import { isPlaintextFromAmbient } from '../decide/mtls/tunnel.ts'
import { formatPrincipal } from '../istio/values/principal.ts'
import type { Mesh, Workload } from '../mesh/mesh.ts'
import type { Located, Span } from '../yaml/tree.ts'
import type { Question, Source, Target } from './question.ts'
import { knowsWorkloads, onlyAddress, workloadMeant, workloadNamed } from './workloadNamed.ts'

/** `ok: false`: the mesh lacks what the question names; `absent`, and that is certain. */
export type Found<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string; readonly span: Span; readonly absent: boolean }

/**
 * The address of a caller that is not given is that of its pod, where there is only one. A server name that is not given is not sent, and so is
 * a header that is not listed.
 */
export function connectionOf({ from, to, ip, ...question }: Question, mesh: Mesh): Found<Connection> {
  const source = sourceOf(from, mesh)
  if (!source.ok) return source
  const destination = destinationOf(to, mesh)
  if (!destination.ok) return destination
  const caller = arriving(source.value, destination.value.workload)
  const sourceIp = ip ?? source.value.ip
  return {
    ok: true,
    value: { sni: '', ...question, caller, to: destination.value, ...(sourceIp === undefined ? {} : { sourceIp }) },
  }
}

interface Calling {
  readonly caller: Caller
  readonly workload?: Workload
  readonly ip?: string
}

/** As whom the destination sees the caller. */
function arriving({ caller, workload }: Calling, to: Workload): Caller {
  if (!workload || !isPlaintextFromAmbient(workload, to)) return caller
  const [from, called] = [workload, to].map(({ namespace, name }) => `${namespace}/${name}`)
  return { plaintext: true, because: `The sidecar of ${called} takes no HBONE, so the ztunnel of ${from} sends plaintext.` }
}

function sourceOf(from: Source, mesh: Mesh): Found<Calling> {
  if ('plaintext' in from) return { ok: true, value: { caller: from } }
  if ('principal' in from) return { ok: true, value: { caller: callerOf(from.principal.value) } }
  const workload = named(from.workload, mesh)
  return workload.ok ? callingFrom(workload.value, from.workload, mesh) : workload
}

function callingFrom(workload: Workload, { span }: Located<string>, mesh: Mesh): Found<Calling> {
  const { namespace, name, serviceAccount, proxy } = workload
  if (serviceAccount === '') {
    const reason = `The service account of WorkloadEntry "${namespace}/${name}" is not known, so its identity is not either.`
    return { ok: false, reason, span, absent: false }
  }
  const { trustDomain } = mesh.settings
  const ip = onlyAddress(workload, mesh)
  const caller: Caller =
    proxy === 'none'
      ? { plaintext: true, because: `${namespace}/${name} has no proxy, so it calls in plaintext.` }
      : callerOf(formatPrincipal({ trustDomain, namespace, serviceAccount }))
  return { ok: true, value: { caller, workload, ...(ip ? { ip } : {}) } }
}

function destinationOf({ workload: callee, port: written, ip: called, service }: Target, mesh: Mesh): Found<Destination> {
  const workload = named(callee, mesh)
  if (!workload.ok) return workload
  const port = written ?? onlyPort(workload.value)
  if (port === undefined) return { ok: false, reason: whichPort(workload.value, callee), span: callee.span, absent: false }
  const [namespace = '', name = ''] = service?.value.split('/') ?? []
  const ip = called ?? (workload.value.ownerKind === 'WorkloadEntry' ? onlyAddress(workload.value, mesh) : undefined)
  return {
    ok: true,
    value: { workload: workload.value, port, ...(ip ? { ip } : {}), ...(service ? { service: { namespace, name } } : {}) },
  }
}

function onlyPort({ ports }: Workload): number | undefined {
  return ports.length === 1 ? ports[0]?.port : undefined
}

function whichPort({ ports }: Workload, { value }: Located<string>): string {
  if (ports.length === 0) return `Which ports "${value}" has is not known. Name the port.`
  return `"${value}" listens on ${ports.map(({ port }) => port).join(', ')}. Name the port.`
}

export function named({ value, span }: Located<string>, mesh: Mesh): Found<Workload> {
  const workload = workloadNamed(mesh, value)
  if (workload) return { ok: true, value: workload }
  const absent = knowsWorkloads(mesh, value)
  const meant = workloadMeant(mesh, value)
  const what = absent ? `There is no workload "${value}".` : `No workload "${value}" is known here.`
  return { ok: false, reason: meant === undefined ? what : `${what} Did you mean "${meant}"?`, span, absent }
}
