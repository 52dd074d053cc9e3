// Why a client sends plaintext to a server that takes none: each reason has a repair of its own.
import { describe, expect, test } from 'vitest'
import { checkConnection } from '../../../../../server/src/core/live/connection/connection.ts'
import { endOf, podOf, readLive } from '../../../../../server/src/core/live/connection/ends.ts'
import { type Meant, meantFor } from '../../../../../server/src/core/live/connection/meant.ts'
import type { End } from '../../../../../server/src/core/live/connection/question.ts'
import type { Mesh } from '../../../../../server/src/core/mesh/mesh.ts'
import type { Json } from '../../../../../server/src/core/proxy/json.ts'
import { whenTexts } from '../../../../../server/src/core/report/conditions.ts'
import { cluster, clusterMesh } from '../../../../support/mesh.ts'
import { dump } from '../../proxy/dumps.ts'

const now = '2026-11-21T09:00:00Z'

function end(name: string): End {
  const { configs } = dump(name)
  // As `include_eds` adds it.
  const endpoints = { '@type': 'type.googleapis.com/envoy.admin.v3.EndpointsConfigDump' }
  const live = readLive(JSON.stringify({ configs: [...(configs as Json[]), endpoints] }), now)
  if (!live) throw new Error('no dump')
  return endOf(live, podOf(live) ?? { namespace: 'shop', name: 'unnamed' })
}

const [frontend, checkout] = [end('intermediate-ca/frontend-sidecar'), end('intermediate-ca/checkout-sidecar')]
const ztunnel = { workloads: [{ namespace: checkout.namespace, name: checkout.name, protocol: 'TCP' }], certificates: [] }
const ambient: End = {
  ...endOf(readLive(JSON.stringify(ztunnel), now) as NonNullable<ReturnType<typeof readLive>>, { namespace: 'bank', name: 'teller-1' }),
}
const server = { mode: 'STRICT', policy: 'shop/default' } as const

const step = (from: End, port: number, meant: Meant) =>
  checkConnection({ from, to: checkout, port, now, meant: { server, ...meant } }).steps.find(({ id }) => id === 'client-tls')

describe('to a server that takes only mutual TLS', () => {
  test.each<[name: string, from: End, port: number, meant: Meant, remedy: string]>([
    [
      'from ambient to a sidecar without HBONE',
      ambient,
      9080,
      {},
      'Let the sidecar of the server take HBONE, or set PERMISSIVE in PeerAuthentication "shop/default".',
    ],
    [
      'to a port that nobody has',
      frontend,
      9999,
      { ports: [8080, 9080] },
      'Call a port that the server has (8080, 9080). If its application does listen on port 9999, add the port to a Service.',
    ],
    [
      'to a server without any port',
      frontend,
      9999,
      { ports: [] },
      'Call a port that the server has. If its application does listen on port 9999, add the port to a Service.',
    ],
    [
      'to a port that the client does not see',
      frontend,
      9999,
      { ports: [9999], hosts: [{ host: 'checkout.shop.svc.cluster.local', port: 80 }] },
      'Let the client see the Service that leads there ("checkout.shop.svc.cluster.local"): look at exportTo, at Sidecar objects of its namespace, and at the sync state of its proxy (istioctl proxy-status).',
    ],
    [
      'to a port without a Service',
      frontend,
      9999,
      { ports: [9999] },
      'Add port 9999 to a Service of the server, and call it by the name of that Service; or set PERMISSIVE in PeerAuthentication "shop/default".',
    ],
    [
      'past the sidecar of the client',
      frontend,
      9080,
      { bypassed: { from: true, to: false } },
      'Remove the annotation from the client\'s pod, or set PERMISSIVE in PeerAuthentication "shop/default".',
    ],
  ])('%s', (_, from, port, meant, remedy) => {
    expect(step(from, port, meant)).toMatchObject({ state: 'failed', remedy })
  })

  test('that nobody has the port is evidence, where it is certain', () => {
    expect(step(frontend, 9999, { ports: [8080] })?.evidence).toContain('no Service and no container has port 9999')
    expect(step(frontend, 9999, {})?.evidence).not.toContain('no Service and no container has port 9999')
    expect(step(frontend, 9080, { ports: [9080] })?.evidence).not.toContain('no Service and no container has port 9080')
  })
})

describe('the ports of a server', () => {
  const yaml = `
apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout } }
spec: { containers: [{ name: app, ports: [{ containerPort: 8080 }] }] }
status: { phase: Running, podIP: 10.0.0.1 }
---
apiVersion: v1
kind: Service
metadata: { name: checkout, namespace: shop }
spec: { selector: { app: checkout }, ports: [{ port: 80, targetPort: 9090 }] }
`
  const mesh = clusterMesh(yaml)
  const to = { namespace: 'shop', name: 'checkout-1', proxy: 'sidecar', addresses: ['10.0.0.1'] } as const
  const from = { ...to, name: 'frontend-1' }
  const ports = (world: Mesh, server: End = to) => meantFor(world, { from, to: server, port: 1 }, whenTexts).ports

  test('are those of its containers and those that Services lead to', () => {
    expect(ports(mesh)).toEqual([8080, 9090])
  })

  test('are not known where Services may not be read, or the pod is not', () => {
    expect(ports(clusterMesh(yaml, { cluster: cluster(yaml, ['Pod']) }))).toBeUndefined()
    expect(ports(mesh, { ...to, name: 'another-1' })).toBeUndefined()
  })
})
