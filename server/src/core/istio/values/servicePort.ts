// Ports as Istio reads them.

import { lacks } from '../schema/decoded.ts'
import type { Fields } from '../schema/fields.ts'
import { isPlaceholder } from './placeholder.ts'
import { isMadeOfProtocols, type Protocol, parseProtocol } from './protocol.ts'

/** `unsupported` where none is written; undefined where it cannot be known. */
export function protocolOf(port: Fields): Protocol | 'unsupported' | undefined {
  const written = port.text('protocol')
  if (!written) return lacks(port, 'protocol') ? 'unsupported' : undefined
  const protocol = parseProtocol(written.value)
  return protocol === 'unsupported' && isPlaceholder(written.value) && !isMadeOfProtocols(written.value) ? undefined : protocol
}
