// Whose clients certainly fail, because a DestinationRule makes them send what the workload does not take.
import { reasonOf } from '../../decide/mtls/paths.ts'
import { blocksOf, conflictsOf } from '../../decide/mtls/ruleConflicts.ts'
import { perMesh } from '../../decide/perMesh.ts'
import type { Mesh, Workload } from '../../mesh/mesh.ts'

/** A sentence for each rule; none in a mesh that is too large to look for them with every change. */
export function clientConflicts(workload: Workload, mesh: Mesh): readonly string[] {
  return conflicts(mesh).get(workload) ?? []
}

/** Each rule with TLS settings costs a look at the clients of every namespace, some 30 µs each. Larger meshes are told where the rules are written. */
const mostLooks = 2_000

const conflicts = perMesh((mesh): ReadonlyMap<Workload, readonly string[]> => {
  const found = new Map<Workload, string[]>()
  const rules = mesh.all('DestinationRule').filter(rule => blocksOf(rule).length > 0)
  if (rules.length * mesh.namespaces.size > mostLooks) return found
  for (const rule of rules) {
    for (const { connection } of conflictsOf(rule, mesh)) {
      const server = connection.to?.endpoint.instance?.workload
      if (!server) continue
      const sentences = found.get(server)
      const sentence = `Clients fail here: ${reasonOf(mesh, connection)}`
      if (!sentences) found.set(server, [sentence])
      else if (!sentences.includes(sentence)) sentences.push(sentence)
    }
  }
  return found
})
