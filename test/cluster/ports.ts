// Addresses that nobody uses: two rigs may run on one machine.
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** A free port of 127.0.0.1; calls made together get different ones. */
export async function freePort(): Promise<number> {
  await using server = await listen('127.0.0.1', 0)
  return (server.address() as AddressInfo).port
}

/** The first two numbers of a network of loopback addresses whose port 15000 is free, such as `127.1`. Each process begins to look elsewhere. */
export async function freeNetwork(): Promise<string> {
  for (let at = 0; at < 254; at++) {
    const second = 1 + ((process.pid + at) % 254)
    try {
      await using _ = await listen(`127.${second}.0.10`, 15000)
      return `127.${second}`
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error('Port 15000 is taken on every loopback network.')
}

async function listen(host: string, port: number) {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  return server
}
