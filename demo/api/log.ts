// The log of a container, as `GET …/pods/NAME/log` answers it: plain text, its last lines only where they are asked for.
import type { ServerResponse } from 'node:http'
import { isPod } from '../mesh/workload.ts'
import type { World } from '../world.ts'
import { sendStatus } from './answers.ts'
import type { ApiRequest } from './request.ts'
import { badRequest, notFound, type Status } from './status.ts'

export function sendLog(request: ApiRequest, world: World, response: ServerResponse): void {
  const log = logOf(request, world)
  if (typeof log === 'string') response.writeHead(200, { 'content-type': 'text/plain' }).end(log)
  else sendStatus(response, log)
}

function logOf({ type, namespace = '', name = '', query }: ApiRequest, world: World): string | Status {
  const pod = world.store.get(type, namespace, name)
  if (!pod || !isPod(pod)) return notFound(type, name)
  const container = query.get('container') ?? pod.spec.containers[0]?.name ?? ''
  const log = world.log(pod, container)
  if (log === undefined) return badRequest(`container ${container} is not valid for pod ${name}`)
  const lines = log.split('\n').slice(0, -1)
  const tail = Number(query.get('tailLines') ?? lines.length)
  const text = lines.slice(Math.max(0, lines.length - tail)).map(line => `${line}\n`)
  return text.join('').slice(0, Number(query.get('limitBytes') ?? Number.POSITIVE_INFINITY))
}
