// What stands at an address, or has a name: a pod and its workload, or a machine.
import { type Instance, instances, nameOf } from '../decide/mtls/instances.ts'
import { perMesh } from '../decide/perMesh.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { End } from './told.ts'

/** By its name, else by its address; undefined where several have it. */
export function placeOf({ pod, ip }: Pick<End, 'pod' | 'ip'>, mesh: Mesh): Instance | undefined {
  const { byName, byAddress } = index(mesh)
  const named = pod === undefined ? undefined : only(byName.get(pod))
  return named ?? (ip === undefined ? undefined : only(byAddress.get(ip)))
}

function only(found: readonly Instance[] | undefined): Instance | undefined {
  return found?.length === 1 ? found[0] : undefined
}

/** By `shop/checkout-1` and by `checkout-1`. */
const index = perMesh(mesh => {
  const byName = new Map<string, Instance[]>()
  const byAddress = new Map<string, Instance[]>()
  for (const instance of instances(mesh)) {
    if (instance.kind === 'Template') continue
    for (const key of [nameOf(instance), instance.name]) push(byName, key, instance)
    if (instance.address !== undefined && !sharesNetwork(instance, mesh)) push(byAddress, instance.address, instance)
  }
  return { byName, byAddress }
})

/** In the network of its node, where the kubelet and others have the same address. */
function sharesNetwork({ kind, namespace, name }: Instance, mesh: Mesh): boolean {
  return kind === 'Pod' && mesh.find('Pod', namespace, name)?.hostNetwork === true
}

function push(lists: Map<string, Instance[]>, key: string, item: Instance): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}
