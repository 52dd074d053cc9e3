import type { PeerAuthentication } from '../../istio/resources.ts'
import type { Span } from '../../yaml/tree.ts'

/** Where a policy says STRICT: for all ports, else for the first that has it. */
export function strictPlace({ mode, portLevelMtls }: PeerAuthentication): Span | undefined {
  return [mode, ...portLevelMtls.map(port => port.mode)].find(each => each?.value === 'STRICT')?.span
}
