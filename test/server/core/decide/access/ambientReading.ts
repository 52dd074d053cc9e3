// What `access` means for one connection to a workload of ambient, read in the plainest way.
import { BlockList } from 'node:net'
import type { Access } from '../../../../../server/src/core/decide/access/callersOf.ts'
import type { Condition } from '../../../../../server/src/core/decide/access/condition.ts'
import type { Outcome } from '../../../../../server/src/core/decide/access/outcome.ts'
import { formatPrincipal } from '../../../../../server/src/core/istio/values/principal.ts'
import type { Asked } from '../ambient/arbitraryMesh.ts'

export function readInAmbient(access: Access, sample: Asked): 'allow' | 'deny' | 'unknown' {
  const { decision, ways, unless } = outcomeIn(access, sample)
  if (decision === 'unknown') return 'unknown'
  const holds = (when: readonly Condition[]) => when.every(each => meets(each, sample))
  return ways.some(({ when }) => holds(when)) && !unless.some(({ when }) => holds(when)) ? 'allow' : 'deny'
}

function outcomeIn({ callers, others, plaintext }: Access, { caller }: Asked): Outcome {
  if (!('identity' in caller)) return plaintext.outcome
  const principal = formatPrincipal(caller.identity)
  return callers.find(({ identity }) => identity.principal === principal)?.outcome ?? others
}

function meets({ subject: { aspect }, negated, values }: Condition, { caller, sourceIp, port, pod }: Asked): boolean {
  const identity = 'identity' in caller ? caller.identity : undefined
  const hit = (value: string): boolean => {
    switch (aspect) {
      case 'port':
        return value === `${port}`
      case 'address':
        return isInBlock(value, sourceIp.replace('::ffff:', ''))
      case 'destination address':
        return isInBlock(value, pod.ip)
      case 'principal':
        return identity !== undefined && isText(value, formatPrincipal(identity))
      case 'namespace':
        return identity !== undefined && isText(value, identity.namespace)
      case 'service account':
        return value === `${identity?.namespace}/${identity?.serviceAccount}`
      default:
        throw new Error(aspect)
    }
  }
  return values.some(hit) !== negated
}

function isText(value: string, text: string): boolean {
  if (value.startsWith('*')) return text.endsWith(value.slice(1))
  return value.endsWith('*') ? text.startsWith(value.slice(0, -1)) : text === value
}

function isInBlock(block: string, ip: string): boolean {
  const [address = '', length] = block.split('/')
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  if (ip.includes(':') !== (family === 'ipv6')) return false
  const list = new BlockList()
  list.addSubnet(address, Number(length ?? (family === 'ipv6' ? 128 : 32)), family)
  return list.check(ip, family)
}
