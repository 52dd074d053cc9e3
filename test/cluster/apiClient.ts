// Asks the API server for the rig and its tests: to set the world up, and to see what the product should see. The product has its own client,
// which never writes.
import { Agent, request } from 'node:https'

export interface ApiAnswer {
  readonly status: number
  /** The object of the answer, the list of events of a watch, or text. */
  // biome-ignore lint/suspicious/noExplicitAny: an object of any kind, looked into by tests.
  readonly body: any
}

/** Where objects of a kind live, for the kinds that the rig creates. */
const plurals: Readonly<Record<string, string>> = {
  Node: 'nodes',
  Namespace: 'namespaces',
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  Pod: 'pods',
  Service: 'services',
  ClusterRole: 'clusterroles',
  ClusterRoleBinding: 'clusterrolebindings',
  RoleBinding: 'rolebindings',
  PeerAuthentication: 'peerauthentications',
  AuthorizationPolicy: 'authorizationpolicies',
}

export class ApiClient {
  readonly #server: string
  readonly #token: string
  readonly #agent: Agent

  constructor(server: string, authority: string, token: string) {
    this.#server = server
    this.#token = token
    this.#agent = new Agent({ ca: authority, keepAlive: true })
  }

  /** One request, a watch until the server ends it; `body` is sent as JSON (a merge patch with PATCH), or as YAML where it is a text. */
  request(method: string, path: string, body?: object | string): Promise<ApiAnswer> {
    const type = typeof body === 'string' ? 'application/yaml' : method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const headers = { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { 'content-type': type }) }
    return new Promise((resolve, reject) => {
      const call = request(new URL(path, this.#server), { method, headers, agent: this.#agent, timeout: 10_000 }, async response => {
        try {
          const text = (await response.setEncoding('utf8').toArray()).join('')
          resolve({ status: response.statusCode ?? 0, body: parse(text, path, response.headers['content-type']) })
        } catch (error) {
          reject(error)
        }
      })
      call.on('timeout', () => call.destroy(new Error(`${method} ${path} was not answered within 10 s.`)))
      call.on('error', reject)
      call.end(typeof body === 'object' ? JSON.stringify(body) : body)
    })
  }

  /** Creates one object; throws what the API server has against it. */
  async create(path: string, body: object | string): Promise<void> {
    const { status, body: answer } = await this.request('POST', path, body)
    if (status !== 201) throw new Error(`POST ${path}: ${answer.message ?? status}`)
  }

  /** Creates objects one after the other, each where its kind belongs. */
  async createAll(objects: readonly object[]): Promise<void> {
    for (const object of objects) await this.create(collectionOf(object as Identity), object)
  }

  close(): void {
    this.#agent.destroy()
  }
}

interface Identity {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly namespace?: string }
}

function parse(text: string, path: string, type: string | undefined): unknown {
  if (!type?.startsWith('application/json')) return text
  const watch = new URLSearchParams(path.split('?')[1]).has('watch')
  return watch
    ? text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line))
    : JSON.parse(text)
}

function collectionOf({ apiVersion, kind, metadata }: Identity): string {
  const plural = plurals[kind]
  if (plural === undefined) throw new Error(`The rig does not know where a ${kind} belongs.`)
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return `${group}${metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`}/${plural}`
}
