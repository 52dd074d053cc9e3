// CEL as the API server evaluates it, as far as the library goes. Loaded only where a CRD has a rule to evaluate.
import { celEnv, parse, plan } from '@bufbuild/cel'
import { strings } from '@bufbuild/cel/ext'
import type { Evaluate } from './value.ts'

const environment = celEnv({ funcs: strings })

/** Undefined where an expression cannot be evaluated here: a function that only Kubernetes has, a field that is missing. */
export const evaluate: Evaluate = (expression, self) => {
  try {
    const result = plan(environment, parse(expression))({ self })
    return typeof result === 'boolean' || typeof result === 'string' ? result : undefined
  } catch {
    return undefined
  }
}
