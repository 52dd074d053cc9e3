// What the known objects alone come to, where they may not be all: the likely answer beside an honest "unknown".
import type { Mesh } from '../../mesh/mesh.ts'
import { perMesh } from '../perMesh.ts'
import { authorize } from './authorize.ts'
import type { Connection } from './connection.ts'
import type { Decision } from './decision.ts'

/** The same mesh, as if nothing stood beside what is known of it. */
export const supposedComplete = perMesh<Mesh>(mesh =>
  Object.create(mesh, {
    complete: { value: () => true },
    presence: { value: (...of: Parameters<Mesh['presence']>) => certain(mesh.presence(...of)) },
    identity: { value: (...of: Parameters<Mesh['identity']>) => certain(mesh.identity(...of)) },
  }),
)

function certain<T extends string>(presence: T | 'unknown'): T | 'absent' {
  return presence === 'unknown' ? 'absent' : presence
}

/** Undefined where the answer hangs on a fact of the connection, which no list of objects tells. */
export function asFarAsKnown(connection: Connection, mesh: Mesh): Decision | undefined {
  const decision = authorize(connection, supposedComplete(mesh))
  return decision.decision === 'unknown' ? undefined : decision
}
