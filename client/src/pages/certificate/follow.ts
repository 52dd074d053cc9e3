// Looks again while a page is visible, so that it tells a rotation without being asked. A file changes only by hand.
import type { PageKind } from '../livePages.ts'
import type { Inspection } from './page.ts'
import { nextLook } from './rotation.ts'
import { isFile, type PodOrFile } from './subject.ts'

type Kind = PageKind<PodOrFile, Inspection>
type Follow = NonNullable<Kind['follow']>

export function follower(ask: Kind['ask']): Follow {
  const timers = new WeakMap<object, NodeJS.Timeout>()

  // Who comes back to the tab wants to know what happened meanwhile.
  const follow: Follow = (tab, show) => {
    clearTimeout(timers.get(tab))
    if (tab.closed || !tab.panel.visible || !tab.shown || isFile(tab.subject)) return
    timers.set(
      tab,
      setTimeout(() => void look(tab, show), nextLook(tab.shown, Date.now())),
    )
  }

  /** Quietly: a page that says the same stays as it is, where somebody reads it. A failure is told when somebody asks. */
  const look = async (...[tab, show]: Parameters<Follow>): Promise<void> => {
    const { reading, shown } = tab
    const answer = await ask(tab.subject, reading.token)
    if (tab.closed || tab.reading !== reading) return
    if (answer.ok && shown) {
      if (JSON.stringify(answer.value.report) === JSON.stringify(shown.report)) tab.shown = { ...shown, readAt: answer.value.readAt }
      else show(answer.value)
    }
    follow(tab, show)
  }

  return follow
}
