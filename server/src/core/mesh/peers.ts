// What tells that other clusters belong to the mesh. Their accounts, Services and pods are in none of our lists; the Secrets that name them
// are never read.
// Source: istio.io "Install Multicluster", istio/istio:pilot/pkg/features (CLUSTER_ID), pilot/pkg/config/kube/gateway (istio-remote).
import { controlPlanes } from './controlPlanes.ts'
import type { Mesh } from './mesh.ts'

const networkLabel = 'topology.istio.io/network'

/** Each as a clause: `istiod calls this cluster "east"`. Empty: nothing speaks for other clusters. */
export function peerSigns(mesh: Pick<Mesh, 'all' | 'find'>, rootNamespace: string): readonly string[] {
  const network = mesh.find('Namespace', '', rootNamespace)?.labels[networkLabel]
  const clusters = controlPlanes(mesh).flatMap(({ environment }) => environment?.CLUSTER_ID || [])
  const networks = mesh.all('MeshConfig').flatMap(each => each.networks)
  const gateways = [
    ...mesh.all('Gateway').filter(({ className, labels }) => remoteClasses.includes(className) || labels[networkLabel] !== undefined),
    ...mesh.all('Service').filter(({ labels }) => labels[networkLabel] !== undefined),
  ]
  return [
    ...(network === undefined ? [] : [`namespace "${rootNamespace}" is on network "${network}"`]),
    // Istio's charts call a cluster that is alone "Kubernetes".
    ...unique(clusters.filter(each => each !== 'Kubernetes')).map(each => `istiod calls this cluster "${each}"`),
    ...unique(networks).map(each => `the mesh's settings name the network "${each}"`),
    ...unique(gateways.map(({ namespace, name }) => `${namespace}/${name}`))
      .slice(0, mostNamed)
      .map(each => `"${each}" is a gateway between networks`),
  ]
}

const remoteClasses: readonly string[] = ['istio-remote', 'istio-east-west']
const mostNamed = 3

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted()
}
