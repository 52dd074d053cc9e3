// The life of a certificate as a bar: what is over, where now is, when it is renewed.
import type { Certificate } from '../../../../server/src/protocol.ts'
import { html } from '../../text.ts'
import { duration, instant } from '../../time.ts'
import type { Validity } from './validity.ts'

export function validityBar(id: string, leaf: Certificate, life: Validity, now: string): string {
  const left = Date.parse(leaf.notAfter) - Date.parse(now)
  const spoken = `${Math.round(life.nowPercent)} % of the validity is over; ${life.headline}`
  const renewalTick = life.renewal ? '<span class="renewal"></span>' : ''
  const renewal = life.renewal ? `<div><dt>Renewal</dt><dd>${timeElement(life.renewal)}</dd></div>` : ''
  return `<div class="bar ${life.standing}" id="${id}" role="img" aria-label="${html(spoken)}"><span class="past"></span>${renewalTick}<span class="now"></span></div>
<dl class="dates">
<div><dt>Issued</dt><dd>${timeElement(leaf.notBefore)}</dd></div>
${renewal}
<div><dt>Time left</dt><dd>${left > 0 ? html(duration(left)) : 'none'}</dd></div>
<div><dt>Expires</dt><dd>${timeElement(leaf.notAfter)}</dd></div>
</dl>`
}

/** The page allows no inline style, so the marker's place is a rule of its stylesheet. */
export function barRule(id: string, life: Validity): string {
  return `#${id} { --now: ${life.nowPercent.toFixed(2)}%; }\n`
}

export function timeElement(rfc3339: string): string {
  return `<time datetime="${html(rfc3339)}">${html(instant(rfc3339))}</time>`
}
