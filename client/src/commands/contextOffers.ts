// What Select Context offers: each context with its state, what choosing it does, and what its buttons do. Pure.
import type { Clusters, ContextInfo, OneContext } from '../../../server/src/protocol.ts'
import type { Failure } from '../server.ts'
import { visible, withoutIcons } from '../text.ts'

export type Act =
  | { readonly kind: 'use'; readonly choice: OneContext }
  | { readonly kind: 'beside'; readonly choice: OneContext }
  | { readonly kind: 'disconnect'; readonly context: string }
  | { readonly kind: 'files-only' | 'choose-file' | 'demo' | 'trust' }

export interface Offer {
  readonly label: string
  readonly description?: string
  readonly detail?: string
  /** Absent: nothing can be done about it here. */
  readonly act?: Act
  readonly buttons?: readonly OfferButton[]
}

export interface OfferButton {
  /** Name of a codicon. */
  readonly icon: string
  readonly tooltip: string
  readonly act: Act
}

export function contextOffer({ name, cluster, server, current, kubeconfig }: ContextInfo, clusters: Clusters | undefined): Offer {
  const choice: OneContext = { context: name, ...(kubeconfig ? { kubeconfig } : {}) }
  const open = clusters?.open.find(each => each.choice.context === name && each.choice.kubeconfig === kubeconfig)
  const isJudging = open !== undefined && open.context === clusters?.judging
  const use: Act = { kind: 'use', choice }
  return {
    label: `$(${isJudging ? 'check' : open ? 'layers' : 'plug'}) ${shown(name)}`,
    description: shown(
      [cluster, ...(current ? ['current context'] : []), ...(isJudging ? ['used for files'] : open ? ['open beside'] : [])].join(' · '),
    ),
    detail: shown(kubeconfig ? `${server} · ${kubeconfig}` : server),
    act: use,
    buttons: open
      ? [{ icon: 'debug-disconnect', tooltip: 'Disconnect', act: { kind: 'disconnect', context: open.context } }]
      : [{ icon: 'layers', tooltip: 'Show beside the others', act: { kind: 'beside', choice } }],
  }
}

export function problemOffer({ kind, message, remedy }: Failure): Offer {
  const offer = { label: `$(warning) ${shown(message)}`, detail: shown(remedy) }
  return kind === 'untrusted-workspace' ? { ...offer, act: { kind: 'trust' } } : offer
}

export const filesOnly: Offer = { label: '$(file) Files only', detail: 'Check files without live facts.', act: { kind: 'files-only' } }

export const chooseFile: Offer = { label: '$(folder-opened) Choose kubeconfig file…', act: { kind: 'choose-file' } }

export const demo: Offer = {
  label: '$(beaker) Open the demo mesh',
  detail: 'A small mesh inside this computer, with deliberate mistakes.',
  act: { kind: 'demo' },
}

function shown(text: string): string {
  return visible(withoutIcons(text))
}
