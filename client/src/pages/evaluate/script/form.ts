// The one script of the form: tells what is typed and shows what comes back, as text only.
import type { Choice, Choices, Fields, FormContent, FromForm, ShownAnswer, ShownRule, ToForm } from '../messages.ts'

declare function acquireVsCodeApi(): { postMessage(message: FromForm): void }

const extension = acquireVsCodeApi()

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

const form = only('form', HTMLFormElement)
const names = ['from', 'workload', 'principal', 'to', 'protocol', 'method', 'path', 'host', 'headers', 'claims', 'ip', 'provider'] as const

function only<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id)
  if (found instanceof type) return found
  throw new Error(`The page has no ${type.name} "${id}".`)
}

function control(name: keyof Fields): Control {
  return form.elements.namedItem(name) as Control
}

function fieldsNow(): Fields {
  return Object.fromEntries(names.map(name => [name, control(name).value])) as unknown as Fields
}

/** Only what the kind of caller and of request needs. */
function showNeeded(): void {
  const { from, protocol } = fieldsNow()
  for (const row of form.querySelectorAll<HTMLElement>('[data-for]')) row.hidden = row.dataset.for !== from && row.dataset.for !== protocol
}

function choose(name: 'workload' | 'to', choices: readonly Choice[], value: string): void {
  const select = control(name)
  select.replaceChildren(...choices.map(choice => element('option', choice.label, { value: choice.value })))
  select.value = choices.some(choice => choice.value === value) ? value : (choices[0]?.value ?? '')
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  text: string,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(tag), properties)
  made.textContent = text
  return made
}

let isFilled = false

function fill({ title, fields, choices }: FormContent): void {
  only('title', HTMLElement).textContent = title
  offer(choices, fields)
  for (const name of names) control(name).value = fields[name]
  showNeeded()
  if (!isFilled) control('from').focus()
  isFilled = true
}

function offer({ callers, identities, targets }: Choices, { workload, to }: Fields): void {
  choose('workload', callers, workload)
  choose('to', targets, to)
  only('identities', HTMLDataListElement).replaceChildren(...identities.map(value => element('option', '', { value })))
}

function tell(): void {
  extension.postMessage({ type: 'fields', fields: fieldsNow() })
}

function show({ tone, verdict, by, reason, others, decided }: ShownAnswer): void {
  const headline = only('verdict', HTMLElement)
  headline.className = tone
  headline.replaceChildren(element('strong', verdict), ...(by ? [' by ', rule(by)] : []))
  only('reason', HTMLElement).textContent = reason
  only('others', HTMLElement).hidden = others.length === 0
  only('others-title', HTMLElement).textContent = by ? 'Other rules' : 'Rules'
  only('rows', HTMLElement).replaceChildren(
    ...others.map(({ action, matched, because, ...named }) => {
      const row = document.createElement('tr')
      const name = element('th', '', { scope: 'row' })
      name.replaceChildren(rule(named))
      row.replaceChildren(name, element('td', action), element('td', matched), element('td', because))
      return row
    }),
  )
  for (const button of form.querySelectorAll<HTMLButtonElement>('button[data-needs-decision]')) button.disabled = !decided
}

/** Leads to its place, where it has one. */
function rule({ name, step }: ShownRule): HTMLElement {
  if (step === undefined) return element('span', name)
  const button = element('button', name, { type: 'button', className: 'link' })
  button.addEventListener('click', () => extension.postMessage({ type: 'reveal', step }))
  return button
}

form.addEventListener('input', () => {
  showNeeded()
  tell()
})
form.addEventListener('submit', event => event.preventDefault())
only('copy', HTMLButtonElement).addEventListener('click', () => extension.postMessage({ type: 'copy' }))
only('save', HTMLButtonElement).addEventListener('click', () => extension.postMessage({ type: 'save' }))

window.addEventListener('message', ({ data }: MessageEvent<ToForm>) => {
  switch (data.type) {
    case 'form':
      return fill(data.form)
    case 'choices':
      offer(data.choices, fieldsNow())
      return tell()
    case 'answer':
      return show(data.answer)
  }
})
extension.postMessage({ type: 'ready' })
