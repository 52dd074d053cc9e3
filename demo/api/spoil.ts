// Answers that are right when they are written and wrong when they arrive.
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'

export type Spoiling =
  /** The connection breaks after so many bytes of the body. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** The body ends in order after so many bytes. */
  | { readonly kind: 'truncated'; readonly afterBytes: number }
  /** Packed, though nobody asked; with `afterBytes` the connection breaks there. */
  | { readonly kind: 'gzip'; readonly afterBytes?: number }
  | { readonly kind: 'repeated-events' }
  /** Two events that come together come the wrong way round. */
  | { readonly kind: 'disordered-events' }
  | { readonly kind: 'unversioned-bookmarks' }
  /** `items: null`, as some servers encode an empty list. */
  | { readonly kind: 'null-items' }
  | { readonly kind: 'unversioned-list' }
  /** Each page names the same next page. */
  | { readonly kind: 'endless-pages' }

interface Body {
  readonly write: (chunk: Buffer) => void
  readonly end: () => void
  readonly break: () => void
}

/** From now on what is written to the response goes wrong in this way. */
export function spoil(response: ServerResponse, fault: Spoiling): void {
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  if (fault.kind === 'gzip') response.setHeader('content-encoding', 'gzip')
  const body = spoiled(fault, { write, end: () => void end(), break: () => response.destroy() })
  Object.assign(response, {
    write: (chunk: string) => body.write(Buffer.from(chunk)),
    end: (chunk?: string) => {
      if (chunk !== undefined) body.write(Buffer.from(chunk))
      body.end()
    },
  })
}

function spoiled(fault: Spoiling, body: Body): Body {
  switch (fault.kind) {
    case 'reset':
      return upTo(fault.afterBytes, body, body.break)
    case 'truncated':
      return upTo(fault.afterBytes, body, body.end)
    case 'gzip': {
      const cut = fault.afterBytes === undefined ? body : upTo(fault.afterBytes, body, body.break)
      return { ...cut, write: chunk => cut.write(gzipSync(chunk)) }
    }
    case 'repeated-events':
      return { ...body, write: chunk => body.write(isBookmark(chunk) ? chunk : Buffer.concat([chunk, chunk])) }
    case 'disordered-events':
      return inPairs(body)
    case 'unversioned-bookmarks':
      return { ...body, write: chunk => body.write(isBookmark(chunk) ? without(chunk, /"resourceVersion":"[^"]*",?/) : chunk) }
    case 'unversioned-list':
      return { ...body, write: chunk => body.write(without(chunk, /(?<="metadata":\{)"resourceVersion":"[^"]*",?/)) }
    case 'null-items':
      return { ...body, write: chunk => body.write(changed(chunk, () => ({ items: null }))) }
    case 'endless-pages':
      return { ...body, write: chunk => body.write(changed(chunk, ({ metadata }) => ({ metadata: { ...metadata, continue: 'again' } }))) }
  }
}

/** The last bytes leave before the end comes. */
function upTo(bytes: number, body: Body, stop: () => void): Body {
  let left = bytes
  let stopped = false
  const finish = () => {
    if (stopped) return
    stopped = true
    setImmediate(stop)
  }
  return {
    ...body,
    write(chunk) {
      if (stopped) return
      if (left > 0) body.write(chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0) finish()
    },
    end: () => (stopped ? undefined : body.end()),
  }
}

function inPairs(body: Body): Body {
  let held: Buffer | undefined
  const flush = () => {
    if (held) body.write(held)
    held = undefined
  }
  return {
    ...body,
    write(chunk) {
      if (isBookmark(chunk)) flush()
      if (isBookmark(chunk) || held) {
        body.write(held ? Buffer.concat([chunk, held]) : chunk)
        held = undefined
        return
      }
      held = chunk
      setImmediate(flush)
    },
    end() {
      flush()
      body.end()
    },
  }
}

const isBookmark = (chunk: Buffer): boolean => chunk.includes('"type":"BOOKMARK"')

const without = (chunk: Buffer, part: RegExp): Buffer => Buffer.from(chunk.toString().replace(part, ''))

function changed(chunk: Buffer, change: (list: { readonly metadata: object }) => object): Buffer {
  const list = JSON.parse(chunk.toString())
  // An event of a watch, or a refusal.
  if (!('items' in list)) return chunk
  return Buffer.from(JSON.stringify({ ...list, ...change(list) }))
}
