// What the pages about pods have in common besides their frame: the heading with its links, the wait, and a problem with its way out. Pure.
import type { PodRef } from '../../../server/src/protocol.ts'
import { html } from '../text.ts'

/** `Command`: what links of the page may run. */
export type Link<Command extends string> = readonly [command: Command, title: string]

/** `heading` is finished markup. */
export function pageHead<Command extends string>(heading: string, links: readonly Link<Command>[]): string {
  const anchors = links.map(([command, title]) => `<a href="command:${command}">${title}</a>`).join('\n')
  return `<header>
<h1>${heading}</h1>
${links.length > 0 ? `<nav aria-label="Actions">${anchors}</nav>` : ''}
</header>`
}

export function podHeading({ name, namespace, context }: PodRef): string {
  return `${html(name)} <span class="quiet">· ${html(namespace)}${context ? ` · ${html(context)}` : ''}</span>`
}

export interface Problem {
  readonly message: string
  readonly remedy: string
}

export function problemLines({ message, remedy }: Problem): string {
  return `<p class="warning" role="alert"><span class="mark">!</span> ${html(message)}</p>
<p>${html(remedy)}</p>`
}
