// Filter Policies: by words, until the filter is cleared.
import { window } from 'vscode'
import type { Handler } from '../app.ts'

export const filterPolicies: Handler = async ({ policies }) => {
  const text = await window.showInputBox({
    title: 'Filter Policies',
    placeHolder: 'DENY checkout',
    prompt:
      'Parts of names, kinds, actions, workloads or rules. "finding" shows what the rules say something of, "differs" what files say otherwise.',
    value: policies.filter,
  })
  if (text !== undefined) policies.showOnly(text)
}

export const clearPoliciesFilter: Handler = ({ policies }) => policies.showOnly('')
