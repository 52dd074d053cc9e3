// Which Istio a pod's proxy is, and whether it is too old for its control plane.

import { perMesh } from '../../decide/perMesh.ts'
import type { Pod } from '../../istio/resources.ts'
import { controlPlanes } from '../../mesh/controlPlanes.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { proxyOf } from '../../mesh/workloads.ts'

/** `1.30.1`: the tag of the proxy's image, for a pod in the ambient mesh that of its node's ztunnel. Absent for a tag that is no version. */
export function proxyVersion(pod: Pod, mesh: Mesh): string | undefined {
  const proxy = proxyOf(pod, mesh)
  if (proxy === 'ztunnel') return ztunnelVersion(ztunnels(mesh).get(pod.nodeName ?? ''))
  if (proxy === 'none' || proxy === 'unknown') return isZtunnel(pod) ? ztunnelVersion(pod) : undefined
  return versionOf(pod)
}

/** How many minor versions the proxy is behind every control plane there is, where that is more than Istio upgrades through; else undefined. */
export function minorsBehind(version: string, mesh: Mesh): number | undefined {
  const [oldest, proxy] = [oldestControlPlane(mesh), minorOf(version)]
  if (oldest === undefined || proxy === undefined || oldest - proxy <= 1) return undefined
  return oldest - proxy
}

/** `1.30.1` in `docker.io/istio/proxyv2:1.30.1-distroless@sha256:…`. */
export function versionInImage(image: string): string | undefined {
  return /:v?(\d+\.\d+(?:\.\d+)?)(?![\d.])[^/]*$/.exec(image.replace(/@.*$/, ''))?.[1]
}

/** Pods stay the same objects from one mesh to the next. */
function versionOf(pod: Pod): string | undefined {
  if (!versions.has(pod)) versions.set(pod, readVersion(pod))
  return versions.get(pod)
}

const versions = new WeakMap<Pod, string | undefined>()

function readVersion({ proxyImage }: Pod): string | undefined {
  return proxyImage === undefined ? undefined : versionInImage(proxyImage)
}

/** Istio's charts label it with its version. */
function ztunnelVersion(pod: Pod | undefined): string | undefined {
  return pod && (versionOf(pod) ?? /^\d+\.\d+(?:\.\d+)?/.exec(pod.labels['app.kubernetes.io/version'] ?? '')?.[0])
}

/** By node. */
const ztunnels = perMesh((mesh): ReadonlyMap<string, Pod> => {
  const pods = mesh.all('Pod').filter(isZtunnel)
  return new Map(pods.map(pod => [pod.nodeName ?? '', pod]))
})

/** Anybody can label a pod. */
function isZtunnel({ labels, serviceAccount, nodeName }: Pod): boolean {
  return labels.app === 'ztunnel' && serviceAccount === 'ztunnel' && nodeName !== undefined
}

/** Its minor version: with several revisions the proxy may belong to any. */
const oldestControlPlane = perMesh((mesh): number | undefined => {
  const planes = controlPlanes(mesh)
  if (planes.length === 0) return minorOf(mesh.istioVersion ?? '')
  const minors = planes.map(({ version }) => minorOf(version ?? ''))
  return minors.every(minor => minor !== undefined) ? Math.min(...minors) : undefined
})

/** Istio has always been 1. */
function minorOf(version: string): number | undefined {
  const minor = /^1\.(\d+)/.exec(version)?.[1]
  return minor === undefined ? undefined : Number(minor)
}
