// An API server with many pods as fat as real ones, and nothing else to do. Prints its port.
// Arguments: pods, service accounts, events of a watch, and how many of them a second; absent: as fast as they are taken.
import { createServer } from 'node:http'

const [pods, accounts, events, perSecond] = process.argv.slice(2).map(Number)
const filler = (name, count) => Array.from({ length: count }, (_, index) => ({ name: `${name}-${index}`, value: `${name} value ${index}` }))
const fields = index => Object.fromEntries(Array.from({ length: 40 }, (_, field) => [`f:k${field}-${index % 7}`, { 'f:value': {} }]))

function metadata(name, namespace, labels, index) {
  const managedFields = [{ manager: 'kubelet', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: fields(index) }]
  const annotations = { 'prometheus.io/path': '/stats', 'sidecar.istio.io/status': JSON.stringify(filler('volume', 8)) }
  const created = { uid: `uid-${index}`, resourceVersion: String(1000 + index), creationTimestamp: '2026-01-02T03:04:05Z' }
  return { name, namespace, ...created, labels, annotations, managedFields }
}

function container(name) {
  const mounts = filler('mount', 6).map(each => ({ ...each, mountPath: `/var/run/${each.name}`, readOnly: true }))
  const ports = [{ containerPort: 8080, name: 'http', protocol: 'TCP' }]
  return {
    name,
    image: `registry.example.com/${name}:1`,
    args: ['proxy', 'sidecar'],
    ports,
    env: filler('VARIABLE', 14),
    volumeMounts: mounts,
    resources: { limits: { cpu: '2' } },
  }
}

function pod(index) {
  const app = index % 500
  const labels = { app: `app-${app}`, version: `v${app % 4}`, 'pod-template-hash': `h${app}`, 'security.istio.io/tlsMode': 'istio' }
  return {
    metadata: {
      ...metadata(`app-${app}-h${app}-${index}`, `team-${app % 100}`, labels, index),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `app-${app}-h${app}`, uid: 'uid', controller: true }],
    },
    spec: {
      serviceAccountName: `app-${app}`,
      nodeName: `node-${index % 50}`,
      containers: [container(`app-${app}`), container('istio-proxy')],
      initContainers: [container('istio-init')],
      volumes: filler('volume', 6),
    },
    status: {
      phase: 'Running',
      podIP: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
      conditions: ['Initialized', 'Ready', 'PodScheduled'].map(type => ({
        type,
        status: 'True',
        lastTransitionTime: '2026-01-02T03:04:05Z',
      })),
      containerStatuses: ['a', 'b'].map(name => ({ name, ready: true, imageID: 'x'.repeat(64), containerID: 'y'.repeat(64) })),
    },
  }
}

const account = index => ({ metadata: metadata(`app-${index}`, `team-${index % 100}`, { app: `app-${index}` }, index) })
const texts = (count, make) =>
  Array.from({ length: count }, (_, index) => {
    const object = make(index)
    return { full: JSON.stringify(object), part: JSON.stringify({ metadata: object.metadata }) }
  })
const lists = { '/api/v1/pods': texts(pods, pod), '/api/v1/serviceaccounts': texts(accounts, account) }

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost')
  const list = lists[pathname] ?? []
  const form = /PartialObjectMetadata/.test(request.headers.accept ?? '') ? 'part' : 'full'
  response.setHeader('content-type', 'application/json')
  if (pathname === '/apis') return response.end('{"groups":[]}')
  if (!pathname.startsWith('/api/v1/')) return response.writeHead(404).end('{}')
  if (searchParams.has('sendInitialEvents')) return response.writeHead(422).end('{}')
  if (searchParams.has('watch')) return watch(response, pathname === '/api/v1/pods' ? list : [], form)
  const limit = Number(searchParams.get('limit') ?? list.length)
  const from = Number(searchParams.get('continue') ?? 0)
  const next = from + limit < list.length ? String(from + limit) : ''
  const items = list.slice(from, from + limit).map(each => each[form])
  response.end(`{"metadata":{"resourceVersion":"900000","continue":"${next}"},"items":[${items.join(',')}]}`)
}).listen(0, '127.0.0.1', function () {
  process.stdout.write(`${this.address().port}\n`)
})

/** Every pod gets another address each time, so that each event is a change. */
function watch(response, list, form) {
  response.flushHeaders()
  let index = 0
  const pump = () => {
    while (index < events) {
      const version = 1_000_000 + index
      const text = list[index % list.length][form]
        .replace(/"resourceVersion":"\d+"/, `"resourceVersion":"${version}"`)
        .replace(/"podIP":"10/, `"podIP":"${11 + (version % 200)}`)
      index++
      const isTaken = response.write(`{"type":"MODIFIED","object":${text}}\n`)
      if (perSecond) return setTimeout(pump, 1000 / perSecond)
      if (!isTaken) return response.once('drain', pump)
    }
  }
  // When the list is done and measured.
  if (list.length > 0) setTimeout(pump, 2000)
}
