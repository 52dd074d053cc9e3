// PeerAuthentication. Source: istio/api:security/v1beta1/peer_authentication.proto, told in our words.
import { field, type MapSchema, object, wordsOf } from './schema.ts'
import { kind, selector } from './shared.ts'

export const modeWords = {
  STRICT: 'Only mutual TLS: a caller without a mesh certificate is refused.',
  PERMISSIVE: 'Mutual TLS and plaintext are both accepted: callers without a proxy still get in, without an identity.',
  DISABLE: 'No TLS at the sidecar: every caller is anonymous, and clients of the mesh send plaintext.',
  UNSET: 'Inherits the mode of the namespace, then of the mesh; PERMISSIVE where nobody says anything.',
}

const mode = wordsOf(modeWords)

export const mtls = object('mtls', {
  mode: field(
    mode,
    'What a server port accepts: `STRICT`, `PERMISSIVE`, `DISABLE`, or `UNSET` to inherit. In ambient mode `DISABLE` does not exist: it means `PERMISSIVE`.',
    { example: 'mode: STRICT', default: 'UNSET' },
  ),
})

/** Modes by port of the workload. */
export const portLevelMtls: MapSchema = { type: 'map', keys: 'port', values: mtls }

export const peerAuthenticationSpec = object('the spec of a PeerAuthentication', {
  selector,
  mtls: field(mtls, 'Mode for every port of the workloads. Left out, the policy inherits, so by itself it changes nothing.', {
    example: 'mtls: { mode: STRICT }',
    default: '{ mode: UNSET }',
  }),
  portLevelMtls: field(
    portLevelMtls,
    'Exceptions by port of the **container**, not of the Service. Needs a selector with labels, and at least one port.',
    { example: 'portLevelMtls: { 8080: { mode: PERMISSIVE } }' },
  ),
})

export const peerAuthentication = kind('a PeerAuthentication', peerAuthenticationSpec)
