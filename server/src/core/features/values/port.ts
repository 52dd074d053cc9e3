// Ports that known workloads serve, as the strings that policies want.
import { serverPorts } from '../../decide/ports.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { list } from '../../report/words.ts'
import type { OfferedValue } from './value.ts'

export function ports(mesh: Mesh, namespace: string): readonly OfferedValue[] {
  const servers = new Map<number, string[]>()
  for (const workload of mesh.workloadsIn(namespace)) {
    for (const { port } of serverPorts(workload, mesh)) servers.set(port, [...(servers.get(port) ?? []), workload.name])
  }
  return [...servers]
    .toSorted(([a], [b]) => a - b)
    .map(([port, names], rank) => ({ value: String(port), detail: `port of ${list(names, 3)}`, rank }))
}
