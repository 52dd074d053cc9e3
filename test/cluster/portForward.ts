// The least client of the port-forward protocol `v4.channel.k8s.io`, to see what the API server and the kubelet really say. Unlike the product
// it reads everything it is sent.
import { once } from 'node:events'
import WebSocket from 'ws'
import type { Rig } from './rig.ts'
import { tokenOf, type User } from './users.ts'
import type { PodName } from './world.ts'

/** How a forwarded request went. */
export type Forwarded =
  | { readonly kind: 'answered'; readonly response: string }
  /** What channel 1 said. */
  | { readonly kind: 'failed'; readonly error: string }
  /** The API server's answer instead of an upgrade. */
  | { readonly kind: 'refused'; readonly status: number; readonly body: string }

/** Sends `GET path` to port 15000 of a pod as `user`, and reads until the last chunk of the answer. */
export async function forwardedGet(rig: Rig, user: User, pod: PodName, path: string): Promise<Forwarded> {
  const url = new URL(`/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/portforward?ports=15000`, rig.server.replace('https', 'wss'))
  const socket = new WebSocket(url, ['v4.channel.k8s.io'], { ca: rig.authority, headers: { authorization: `Bearer ${tokenOf(user)}` } })
  const data = channel(socket, 0)
  const error = channel(socket, 1)
  try {
    return await new Promise<Forwarded>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('unexpected-response', async (_, response) => {
        const body = (await response.setEncoding('utf8').toArray()).join('')
        resolve({ kind: 'refused', status: response.statusCode ?? 0, body })
      })
      socket.on('open', () => socket.send(Buffer.from(`\0GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)))
      socket.on('message', () => {
        if (error() !== '') resolve({ kind: 'failed', error: error() })
        // After a complete answer nothing closes: v4 has no half-closed streams.
        if (data().endsWith('\r\n0\r\n\r\n')) resolve({ kind: 'answered', response: data() })
      })
    })
  } finally {
    if (socket.readyState === WebSocket.OPEN) {
      socket.close()
      await once(socket, 'close')
    }
  }
}

/** What arrived on one channel so far, without the two bytes of the port number that each begins with. */
function channel(socket: WebSocket, number: number): () => string {
  let bytes = Buffer.alloc(0)
  socket.on('message', (message: Buffer) => {
    if (message[0] === number) bytes = Buffer.concat([bytes, message.subarray(1)])
  })
  return () => bytes.subarray(2).toString('utf8')
}
