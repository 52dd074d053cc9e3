// The handshake as a picture: two ends with a line down from each, and between them an arrow for each step. Says nothing that the list of steps does not say in words. Pure.
import type { ConnectionStep } from '../../../../server/src/protocol.ts'
import { html, visible } from '../../text.ts'

export interface Ends {
  readonly from: Place
  readonly to: Place
}

/** A pod, and below it where it is. */
export interface Place {
  readonly name: string
  readonly where: string
}

const width = 580
const box = 210
const boxHeight = 50
const top = 64
const lane = 36

type Way = 'there' | 'back' | 'both' | 'at-server'

/** Which way a step goes, and what stands at its arrow. */
const arrows: Readonly<Record<ConnectionStep['id'], { readonly way: Way; readonly label: string }>> = {
  enrolment: { way: 'both', label: 'proxies and certificates' },
  'client-tls': { way: 'there', label: 'TLS of the client' },
  'server-mode': { way: 'at-server', label: 'mode of the port' },
  'server-chain': { way: 'back', label: "server's chain" },
  'client-chain': { way: 'there', label: "client's chain" },
  identity: { way: 'both', label: 'identities' },
  validity: { way: 'both', label: 'validity' },
  authorization: { way: 'at-server', label: 'authorization' },
}

export const stateMarks: Readonly<Record<ConnectionStep['state'], string>> = { ok: '✓', failed: '✗', unknown: '?', skipped: '○' }

/** Inline SVG in the theme's colours, which the style gives by class. */
export function handshakeDrawing(steps: readonly ConnectionStep[], { from, to }: Ends, summary: string): string {
  const height = top + steps.length * lane + 12
  const lines = steps.map((step, at) => arrow(step, at, top + at * lane + lane / 2))
  return `<svg class="handshake" viewBox="0 0 ${width} ${height}" role="img" aria-label="${html(summary)}">
${end(0, from, height)}
${end(width - box, to, height)}
${lines.join('\n')}
</svg>`
}

function end(x: number, { name, where }: Place, height: number): string {
  const middle = x + box / 2
  return `<g><title>${html(`${name}, ${where}`)}</title>
<line class="life" x1="${middle}" y1="${boxHeight}" x2="${middle}" y2="${height}"/>
<rect class="end" x="${x + 0.5}" y="0.5" width="${box - 1}" height="${boxHeight - 1}" rx="4"/>
${inBox('name', name, middle, 21)}
${inBox('role', where, middle, 39)}</g>`
}

const longest = 25
/** The width of a letter in common fonts; wider ones are drawn closer together. */
const letter = { name: 7.6, role: 7 } as const

/** Names are of any length and fonts of any width, and what does not fit would be cut at both ends. */
function inBox(kind: 'name' | 'role', text: string, x: number, y: number): string {
  const shown = shortened(text)
  const fitted =
    [...shown].length > longest - 6 ? ` textLength="${Math.round([...shown].length * letter[kind])}" lengthAdjust="spacingAndGlyphs"` : ''
  return `<text class="${kind}" x="${x}" y="${y}" text-anchor="middle"${fitted}>${html(shown)}</text>`
}

/** The whole name is in the title and in the heading. By characters: half of one is none. */
function shortened(name: string): string {
  const characters = [...visible(name)]
  if (characters.length <= longest) return characters.join('')
  const half = (longest - 1) / 2
  return `${characters.slice(0, half).join('')}…${characters.slice(-half).join('')}`
}

function arrow({ id, state }: ConnectionStep, at: number, y: number): string {
  const { way, label } = arrows[id]
  const left = box / 2 + 5
  const right = width - box / 2 - 5
  const text = `<text class="${state}" x="${width / 2}" y="${y - 6}" text-anchor="middle">${at + 1} ${stateMarks[state]} ${label}</text>`
  const line = `<line class="${state}" x1="${left}" y1="${y}" x2="${right}" y2="${y}"/>`
  const heads = [
    ...(way === 'there' || way === 'both' || way === 'at-server' ? [head(right, y, 8, state)] : []),
    ...(way === 'back' || way === 'both' ? [head(left, y, -8, state)] : []),
  ]
  return `<g>${text}${line}${heads.join('')}</g>`
}

function head(x: number, y: number, length: number, state: ConnectionStep['state']): string {
  return `<path class="${state}" d="M${x} ${y} l${-length} -5 v10 z"/>`
}
