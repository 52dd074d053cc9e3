// The form as it is before anything fills it: labels and controls. All that comes from files and clusters is put in by the script, as text.
import { pageDocument } from '../document.ts'
import type { Fields } from './messages.ts'
import { style } from './style.ts'

/** `script`: the built one of this folder. `nonce`: fresh for each load, letters and digits. */
export function evaluatePage(script: string, nonce: string): string {
  return pageDocument({ title: 'Evaluate a request', body, style, nonce, script })
}

type Name = keyof Fields

/** `needed`: shown for this kind of caller or of request only. */
function row(name: Name, label: string, control: string, needed?: Fields['from'] | Fields['protocol']): string {
  return `<div class="row"${needed ? ` data-for="${needed}"` : ''}><label for="${name}">${label}</label>${control}</div>`
}

function select(name: Name, options: readonly (readonly [value: string, label: string])[] = []): string {
  const all = options.map(([value, label]) => `<option value="${value}">${label}</option>`).join('')
  return `<select id="${name}" name="${name}">${all}</select>`
}

function input(name: Name, placeholder = '', list = ''): string {
  const of = list === '' ? '' : ` list="${list}"`
  return `<input id="${name}" name="${name}" type="text" autocomplete="off" spellcheck="false" placeholder="${placeholder}"${of}>`
}

function lines(name: Name, placeholder: string): string {
  return `<textarea id="${name}" name="${name}" rows="1" autocomplete="off" spellcheck="false" placeholder="${placeholder}"></textarea>`
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

const body = `<header><h1 id="title">Evaluate a request</h1></header>
<form id="form" aria-labelledby="title">
${row(
  'from',
  'From',
  select('from', [
    ['workload', 'a workload'],
    ['principal', 'an identity'],
    ['plaintext', 'a plaintext caller'],
  ]),
)}
${row('workload', 'Workload', select('workload'), 'workload')}
${row('principal', 'Identity', input('principal', 'cluster.local/ns/shop/sa/frontend', 'identities'), 'principal')}
<datalist id="identities"></datalist>
${row('to', 'To', select('to'))}
${row(
  'protocol',
  'As',
  select('protocol', [
    ['http', 'HTTP request'],
    ['tcp', 'TCP connection'],
  ]),
)}
${row('method', 'Method', input('method', 'not known', 'methods'), 'http')}
<datalist id="methods">${methods.map(method => `<option value="${method}"></option>`).join('')}</datalist>
${row('path', 'Path', input('path', 'not known'), 'http')}
${row('host', 'Host', input('host', 'not known'), 'http')}
${row('headers', 'Headers', lines('headers', 'name: value, one a line'), 'http')}
${row('claims', 'Token claims', lines('claims', 'iss: https://id.example.com'), 'http')}
<details><summary>More</summary><div>
${row('ip', "Caller's address", input('ip', "the pod's, where it has one"))}
${row(
  'provider',
  'Authorizer answers',
  select('provider', [
    ['', 'not known'],
    ['allow', 'allow'],
    ['deny', 'deny'],
  ]),
)}
</div></details>
<section class="answer" role="status" aria-label="Decision"><p id="verdict"></p><p id="reason"></p></section>
<div class="actions">
<button type="button" id="copy" data-needs-decision disabled>Copy as command</button>
<button type="button" id="save" data-needs-decision disabled>Save as test…</button>
</div>
<section id="others" aria-labelledby="others-title" hidden>
<h2 id="others-title">Other rules</h2>
<table><thead><tr><th scope="col">Rule</th><th scope="col">Action</th><th scope="col">Result</th><th scope="col">Because</th></tr></thead><tbody id="rows"></tbody></table>
</section>
</form>`
