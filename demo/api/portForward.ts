// Port-forward over WebSocket, sub-protocol v4.channel.k8s.io: two channels a port, each opened by its port number (2 bytes, little endian).
import { WebSocket } from 'ws'
import { isPod } from '../mesh/workload.ts'
import { type Admin, adminConnection } from '../proxy/admin.ts'
import type { World } from '../world.ts'
import type { ApiRequest } from './request.ts'
import { badRequest, notFound, type Status, unknownPath } from './status.ts'

export const portForwardProtocol = 'v4.channel.k8s.io'

const closedInOrder = 1000
// What the kubelet copies at a time.
const frameBytes = 32_768

export type Target = PodTarget | { readonly kind: 'refused'; readonly status: Status }

export interface PodTarget {
  readonly kind: 'pod'
  readonly namespace: string
  readonly name: string
  readonly ports: readonly ForwardedPort[]
}

export interface ForwardedPort {
  readonly port: number
  /** Undefined: nothing listens there. */
  readonly admin: Admin | undefined
}

/** The pod and ports that a request for `pods/portforward` names. */
export function targetOf({ type, namespace = '', name = '', subresource, query }: ApiRequest, world: World): Target {
  if (type.plural !== 'pods' || subresource !== 'portforward') return { kind: 'refused', status: unknownPath() }
  const pod = world.store.get(type, namespace, name)
  if (!pod || !isPod(pod)) return { kind: 'refused', status: notFound(type, name) }
  const ports = query
    .getAll('ports')
    .flatMap(list => list.split(','))
    .map(Number)
  const usable = ports.length > 0 && ports.every(port => Number.isInteger(port) && port > 0 && port < 65_536)
  if (!usable) return { kind: 'refused', status: badRequest('query parameter "ports" is required') }
  return { kind: 'pod', namespace, name, ports: ports.map(port => ({ port, admin: world.admin(pod, port) })) }
}

/** Connects a socket to the ports of a pod. A dead port is told on its error channel, then the socket closes with code 1000. */
export function forward(socket: WebSocket, { namespace, name, ports }: PodTarget): void {
  const connections = ports.map(({ port, admin }, index) => {
    for (const channel of [2 * index, 2 * index + 1]) socket.send(frame(channel, littleEndian(port)))
    if (admin) return adminConnection(admin)
    const reason = `error forwarding port ${port} to pod ${namespace}/${name}, uid : failed to connect to localhost:${port} inside namespace: dial tcp4 127.0.0.1:${port}: connect: connection refused`
    socket.send(frame(2 * index + 1, Buffer.from(reason)))
    return undefined
  })
  if (connections.every(connection => connection === undefined)) {
    socket.close(closedInOrder)
    return
  }
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? 0
    const answer = connections[channel / 2]?.(data.subarray(1))
    if (answer) sendInFrames(socket, channel, answer)
  })
  // A client that breaks off is no event here; without a listener it would end the demo.
  socket.on('error', () => socket.terminate())
}

function sendInFrames(socket: WebSocket, channel: number, data: Buffer): void {
  for (let at = 0; at < data.length; at += frameBytes) {
    if (socket.readyState !== WebSocket.OPEN) return
    socket.send(frame(channel, data.subarray(at, at + frameBytes)))
  }
}

const frame = (channel: number, data: Buffer): Buffer => Buffer.concat([Buffer.from([channel]), data])

function littleEndian(port: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(port)
  return bytes
}
