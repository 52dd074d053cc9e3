// Notices whether a rule looks at more than the value it visits, where only that value is certain.
import type { Visit, VisitedObject } from '../istio/schema/walk.ts'
import type { Node } from '../yaml/tree.ts'

export interface Watched {
  readonly visit: Visit
  /** Whether something was read that may be otherwise: what is around the value, or elsewhere in its object. */
  looksAround(): boolean
}

export function watch(visit: Visit, isWhole: (node: Node) => boolean): Watched {
  let looked = false
  const note = <T>(value: T): T => {
    looked = true
    return value
  }
  const { apiVersion, kind, ...others } = visit.object
  const object: VisitedObject = {
    apiVersion,
    kind,
    get name() {
      return note(others.name)
    },
    get namespace() {
      return note(others.namespace)
    },
    get fields() {
      return note(others.fields)
    },
  }
  const seen = (here: Visit, known: boolean): Visit => {
    const parent = here.parent && seen(here.parent, isWhole(here.parent.node))
    return new Proxy(here, {
      get(target, name) {
        if (name === 'object') return object
        if (name === 'parent') return parent
        const value: unknown = Reflect.get(target, name)
        return known || (name !== 'node' && name !== 'fields') ? value : note(value)
      },
    })
  }
  return { visit: seen(visit, true), looksAround: () => looked }
}
