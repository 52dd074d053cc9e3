// PeerAuthentication. Source: istio/api:security/v1beta1/peer_authentication.proto, told in our words.
import { field, object, type StringSchema } from './schema.ts'
import { kind, selector } from './shared.ts'

export const modeWords = {
  STRICT: 'Only mutual TLS: a caller without a mesh certificate is refused.',
  PERMISSIVE: 'Mutual TLS and plaintext are both accepted: callers without a proxy still get in, without an identity.',
  DISABLE: 'No TLS at the sidecar: every caller is anonymous, and clients of the mesh send plaintext.',
  UNSET: 'Inherits the mode of the namespace, then of the mesh; PERMISSIVE where nobody says anything.',
}

const mode: StringSchema = { type: 'string', words: modeWords }

const mtls = object('mtls', { mode: field(mode, 'What a server port accepts: `STRICT`, `PERMISSIVE`, `DISABLE`, or `UNSET` to inherit.') })

export const peerAuthentication = kind(
  'a PeerAuthentication',
  object('the spec of a PeerAuthentication', {
    selector,
    mtls: field(mtls, 'Mode for every port of the selected workloads.'),
    portLevelMtls: field(
      { type: 'map', keys: 'port', values: mtls },
      'Exceptions by port of the **container**, not of the Service. Needs a selector.',
    ),
  }),
)
