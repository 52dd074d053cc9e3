// The demo cluster as one living thing: its objects, its proxies and their certificates, and the few things that can happen to it.

import type { KubeObject } from './api/object.ts'
import { typeOf } from './api/resources.ts'
import { Store } from './api/store.ts'
import { type Authority, createAuthority } from './certificates/authority.ts'
import { addressOf, buildCluster, endpointSlice, nodeOf, placed, selects, stamp } from './mesh/cluster.ts'
import { cart, cartService } from './mesh/shop.ts'
import { isPod, type Pod, workload } from './mesh/workload.ts'
import type { Admin } from './proxy/admin.ts'
import { envoyAdmin } from './proxy/envoy.ts'
import { logOf } from './proxy/log.ts'
import { createProxy, issuedAtStart, type PodProxy } from './proxy/proxies.ts'
import { ztunnelAdmin } from './proxy/ztunnel.ts'

const hour = 3_600_000

export class World {
  readonly store = new Store()
  #authority: Authority
  #initial: readonly KubeObject[]
  #startedAt: Date
  #proxies = new Map<string, PodProxy>()
  #starting = new Set<NodeJS.Timeout>()

  private constructor(authority: Authority, initial: readonly KubeObject[], startedAt: Date) {
    this.#authority = authority
    this.#initial = initial
    this.#startedAt = startedAt
  }

  static async create(now: Date): Promise<World> {
    const authority = await createAuthority(now)
    const world = new World(authority, buildCluster(now, `${authority.root.pems.join('\n')}\n`), now)
    await world.reset()
    return world
  }

  /** What answers at a port of a pod; undefined where nothing listens. */
  admin(pod: Pod, port: number): Admin | undefined {
    const proxy = this.#proxies.get(keyOf(pod))
    if (port !== 15000 || proxy === undefined || pod.status?.phase !== 'Running') return undefined
    switch (proxy.kind) {
      case 'envoy':
        return envoyAdmin(proxy, this.store.all())
      case 'ztunnel':
        return ztunnelAdmin(proxy, this.store.all())
      case 'none':
        return undefined
    }
  }

  /** What the container of this name wrote last; undefined where the pod has no such container. */
  log(pod: Pod, container: string): string | undefined {
    const { containers, initContainers = [] } = pod.spec
    if (![...containers, ...initContainers].some(({ name }) => name === container)) return undefined
    const proxy = this.#proxies.get(keyOf(pod))
    return container === 'istio-proxy' && proxy?.kind === 'envoy' ? logOf(proxy) : ''
  }

  /** Adds one pod of shop/cart, and the first time the workload itself. The pod runs after a moment. Answers its name. */
  async addPod(): Promise<string> {
    const now = new Date()
    const pods = this.#pods()
    const replicas = pods.filter(({ metadata }) => metadata.namespace === cart.namespace && metadata.labels?.app === cart.name).length + 1
    const objects = [...workload({ ...cart, replicas }), cartService]
    for (const object of objects) if (!isPod(object)) this.#put(object, now)
    const newest = objects.filter(isPod).at(-1)
    if (!newest) throw new Error('A workload has at least one pod')
    const pod = stamp(newest, now)
    const place = { address: addressOf(pods.length), node: nodeOf(pods.length) }
    this.#proxies.set(keyOf(pod), await createProxy(placed(pod, place), pods, this.#authority, now))
    this.store.put(placed(pod, { ...place, phase: 'Pending' }))
    this.#soon(() => {
      this.store.put(placed(pod, place))
      this.#updateEndpoints(pod)
    })
    return pod.metadata.name
  }

  /** Deletes a service account, by default one that a policy names and no pod uses. Answers false where there is none. */
  deleteAccount(namespace = 'shop', name = 'nightly-report'): boolean {
    const account = this.store
      .all()
      .find(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.namespace === namespace && metadata.name === name)
    if (account) this.store.remove(account)
    return account !== undefined
  }

  /** Issues every workload certificate of the mesh anew. Answers how many proxies got one. */
  async rotate(): Promise<number> {
    const rotated = await this.#issue(this.#pods(), () => new Date())
    return rotated.filter(({ kind }) => kind !== 'none').length
  }

  /** Gives the pods of a workload certificates that expired an hour ago. Answers their names. */
  async expire(namespace = 'shop', app = 'checkout'): Promise<readonly string[]> {
    const pods = this.#pods().filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.app === app)
    await this.#issue(pods, () => new Date(Date.now() - 25 * hour))
    return pods.map(({ metadata }) => metadata.name)
  }

  /** Everything as at the start. */
  async reset(): Promise<void> {
    this.close()
    const kept = new Set(this.#initial.map(identify))
    for (const object of this.store.all()) if (!kept.has(identify(object))) this.store.remove(object)
    for (const object of this.#initial) this.store.put(object)
    this.#proxies.clear()
    await this.#issue(this.#pods(), pod => issuedAtStart(pod, this.#startedAt))
  }

  /** Stops what is still under way. */
  close(): void {
    for (const timer of this.#starting) clearTimeout(timer)
    this.#starting.clear()
  }

  async #issue(pods: readonly Pod[], issuedAt: (pod: Pod) => Date): Promise<readonly PodProxy[]> {
    const all = this.#pods()
    const issued = pods.map(async pod => {
      const proxy = await createProxy(pod, all, this.#authority, issuedAt(pod))
      this.#proxies.set(keyOf(pod), proxy)
      return proxy
    })
    return Promise.all(issued)
  }

  // What exists keeps its creation time.
  #put(object: KubeObject, now: Date): void {
    const known = this.store.get(typeOf(object), object.metadata.namespace, object.metadata.name)
    this.store.put(stamp(object, new Date(known?.metadata.creationTimestamp ?? now)))
  }

  #pods(): readonly Pod[] {
    return this.store.all().filter(isPod)
  }

  #updateEndpoints(pod: Pod): void {
    const objects = this.store.all()
    const services = objects.filter(({ kind, metadata }) => kind === 'Service' && metadata.namespace === pod.metadata.namespace)
    for (const each of services) {
      if (selects((each.spec as { selector: Record<string, string> }).selector, pod)) this.store.put(endpointSlice(each, objects))
    }
  }

  #soon(happens: () => void): void {
    const timer = setTimeout(() => {
      this.#starting.delete(timer)
      happens()
    }, 1200)
    this.#starting.add(timer)
  }
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`

const identify = (object: KubeObject): string => `${object.apiVersion} ${object.kind} ${keyOf(object)}`
