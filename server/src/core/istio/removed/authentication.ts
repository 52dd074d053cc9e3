// Policy and MeshPolicy of authentication.istio.io. Source: istio/api authentication/v1alpha1/policy.proto at release-1.5.
import { at, entry, get, itemsAt, type Node, stringAt, stringsAt } from '../../yaml/tree.ts'
import type { Service } from '../resources.ts'
import { type Conversion, type Manifest, noteOn, type Target, targetOf } from './manifest.ts'

type Mode = 'STRICT' | 'PERMISSIVE' | 'DISABLE'

interface Place {
  readonly name: string
  readonly namespace?: string
  readonly target?: Target
}

export function convertPolicy(object: Node, services: readonly Service[]): Conversion {
  const spec = get(object, 'spec')
  const isOfMesh = stringAt(object, 'kind')?.value === 'MeshPolicy'
  const name = stringAt(object, 'metadata', 'name')?.value ?? 'default'
  const namespace = isOfMesh ? 'istio-system' : stringAt(object, 'metadata', 'namespace')?.value
  const targets = itemsAt(spec, 'targets').map(target => ({
    written: target,
    target: targetOf(stringAt(target, 'name')?.value ?? '', services),
  }))
  const where = { name, ...(namespace === undefined ? {} : { namespace }) }
  const notes = isOfMesh ? ['A MeshPolicy applied to the whole mesh; its successor stands in the root namespace, here "istio-system".'] : []
  const parts: readonly Conversion[] =
    targets.length === 0
      ? [convertAt(spec, where)]
      : targets.map(({ written, target }) =>
          convertAt(spec, { ...where, name: targets.length === 1 ? name : `${name}-${target.name}`, target }, written),
        )
  return { manifests: parts.flatMap(part => part.manifests), notes: [...new Set([...notes, ...parts.flatMap(part => part.notes)])] }
}

function convertAt(spec: Node | undefined, place: Place, target?: Node): Conversion {
  const parts = [peers(spec, place, target), origins(spec, place)]
  const notes = place.target ? noteOn(place.target) : []
  return { manifests: parts.flatMap(part => part.manifests), notes: [...notes, ...parts.flatMap(part => part.notes)] }
}

function manifest(kind: Manifest['kind'], { name, namespace, target }: Place, spec: Manifest['spec']): Manifest {
  return {
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    spec: { ...(target ? { selector: target.selector } : {}), ...spec },
  }
}

function peers(spec: Node | undefined, place: Place, target: Node | undefined): Conversion {
  const methods = itemsAt(spec, 'peers')
  const notes = methods.some(method => entry(method, 'jwt')) ? ['A peer identified by a JWT has no successor.'] : []
  const mode = modeOf(spec)
  if (!mode) return { manifests: [], notes }
  if (itemsAt(spec, 'origins').length > 0 && mode === 'DISABLE') {
    return {
      manifests: [],
      notes: ['Without "peers" the old policy switched mutual TLS off; add a PeerAuthentication if that is still wanted.'],
    }
  }
  const written = itemsAt(target, 'ports')
  const ports = written.flatMap(port => containerPort(port, place.target?.service) ?? [])
  if (ports.length === written.length && ports.length > 0) {
    const portLevelMtls = Object.fromEntries(ports.map(port => [port, { mode }]))
    return { manifests: [manifest('PeerAuthentication', place, { portLevelMtls })], notes }
  }
  const about =
    written.length > 0 ? ['The old policy covered some ports of the Service; use "portLevelMtls" with the ports of the containers.'] : []
  return { manifests: [manifest('PeerAuthentication', place, { mtls: { mode } })], notes: [...notes, ...about] }
}

/** Undefined where the peers say nothing of mutual TLS. */
function modeOf(spec: Node | undefined): Mode | undefined {
  const methods = itemsAt(spec, 'peers')
  if (methods.length === 0) return 'DISABLE'
  const mtls = methods.find(method => entry(method, 'mtls'))
  if (!mtls) return undefined
  const optional = at(spec, ['peerIsOptional'])
  const isOptional = optional?.kind === 'scalar' && optional.value === true
  return isOptional || stringAt(mtls, 'mtls', 'mode')?.value === 'PERMISSIVE' ? 'PERMISSIVE' : 'STRICT'
}

/** A port of a Service as the container has it, where the Service says so in a number. */
function containerPort(port: Node | undefined, service: Service | undefined): number | undefined {
  const number = get(port, 'number')
  const name = stringAt(port, 'name')?.value
  const found = service?.ports.find(each => (number?.kind === 'scalar' ? each.port === number.value : each.name === name))
  return typeof found?.targetPort === 'number' ? found.targetPort : undefined
}

function origins(spec: Node | undefined, place: Place): Conversion {
  const tokens = itemsAt(spec, 'origins').flatMap(origin => get(origin, 'jwt') ?? [])
  if (tokens.length === 0) return { manifests: [], notes: [] }
  const optional = at(spec, ['originIsOptional'])
  const isOptional = optional?.kind === 'scalar' && optional.value === true
  const isTriggered = tokens.some(token => itemsAt(token, 'triggerRules').length > 0)
  const rules = [{ from: [{ source: { notRequestPrincipals: ['*'] } }] }]
  return {
    manifests: [
      manifest('RequestAuthentication', place, { jwtRules: tokens.map(jwtRule) }),
      ...(isOptional ? [] : [manifest('AuthorizationPolicy', { ...place, name: `${place.name}-require-jwt` }, { action: 'DENY', rules })]),
    ],
    notes: isTriggered ? ['"triggerRules" named paths; add them as "to" to the AuthorizationPolicy that requires the token.'] : [],
  }
}

function jwtRule(token: Node): Readonly<Record<string, unknown>> {
  const text = (field: string) => stringAt(token, field)?.value
  const texts = (field: string) => stringsAt(token, field).map(each => each.value)
  const jwksUri = text('jwksUri') ?? text('jwks_uri')
  return present({
    issuer: text('issuer'),
    audiences: texts('audiences'),
    jwksUri,
    jwks: jwksUri === undefined ? text('jwks') : undefined,
    fromHeaders: texts('jwtHeaders').map(name => ({ name })),
    fromParams: texts('jwtParams'),
  })
}

/** Without fields that hold nothing. */
export function present(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
  )
}
