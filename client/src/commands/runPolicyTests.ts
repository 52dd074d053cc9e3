// Runs a policy test: from a lens the cases that it names, from the palette all of the file in front.
import { Uri, window } from 'vscode'
import type { Handler } from '../app.ts'

export const runPolicyTests: Handler = ({ policyTests }, target) => {
  const { uri, cases } = (target !== null && typeof target === 'object' ? target : {}) as {
    readonly uri?: unknown
    readonly cases?: unknown
  }
  const file = typeof uri === 'string' ? Uri.parse(uri) : window.activeTextEditor?.document.uri
  if (file) return policyTests.runCases(file, Array.isArray(cases) ? cases.filter(each => typeof each === 'string') : undefined)
}
