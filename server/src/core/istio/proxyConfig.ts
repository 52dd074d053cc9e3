// What the annotation `proxy.istio.io/config` of a pod sets for its proxy; it stands over MeshConfig's `defaultConfig`.
import { parse } from 'yaml'
import { fromJson } from '../yaml/tree.ts'
import { numberAt } from './read/parts.ts'
import type { Labels } from './resources.ts'

/** Undefined where nothing is set. Source: istio/istio:pkg/model/proxy_config (mergeWithPrecedence). */
export function trustedProxiesOf(annotations: Labels): number | undefined {
  const text = annotations['proxy.istio.io/config']
  if (text === undefined) return undefined
  try {
    return numberAt(fromJson(parse(text)), 'gatewayTopology', 'numTrustedProxies')
  } catch {
    // The webhook refuses such a pod, so it has no proxy to configure.
    return undefined
  }
}
