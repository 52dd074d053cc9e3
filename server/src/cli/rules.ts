// `istio-security rules [id]`: the table of rules, or one with its documentation.
import { nearest } from '../core/istio/nearest.ts'
import { rules as all } from '../core/rules/index.ts'
import { CannotRun } from './cannotRun.ts'

export function rules(id: string | undefined): string {
  if (id === undefined) {
    const width = Math.max(...all.map(rule => rule.id.length)) + 2
    return all.map(rule => `${rule.id.padEnd(width)}${rule.severity.padEnd(9)}${rule.summary}\n`).join('')
  }
  const rule = all.find(each => each.id === id)
  if (!rule) throw new CannotRun(noRule(id))
  const codes = rule.codes.length > 0 ? `\nElsewhere: ${rule.codes.join(', ')}` : ''
  return `${rule.id} (${rule.severity})\n\n${rule.summary}\n${rule.why}${codes}\n\nFound here:\n${indented(rule.bad)}\n\nRight:\n${indented(rule.good)}\n`
}

export function noRule(id: string): string {
  const meant = nearest(
    id,
    all.map(rule => rule.id),
  )
  return `there is no rule "${id}"; ${meant === undefined ? '"istio-security rules" lists them' : `did you mean "${meant}"?`}`
}

function indented(text: string): string {
  return text.trim().replaceAll(/^/gm, '  ')
}
