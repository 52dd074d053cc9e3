// The servers of a gateway: one for each filter chain of its listeners.
import type { FilterChain, Listener } from '../../proxy/envoy/listeners.ts'
import type { TlsContext } from '../../proxy/envoy/tls.ts'
import { field, textOf } from '../../proxy/json.ts'
import type { GatewayServer, GatewayTls } from './gatewayReport.ts'

/** The proxy's own ports (health, metrics) and those of the mesh are no servers of the gateway. */
export function serversOf(listeners: readonly Listener[]): readonly GatewayServer[] {
  return listeners
    .filter(({ state, name }) => (state === 'active' || state === 'warming') && !/^virtual(In|Out)bound$/.test(name))
    .flatMap(listener => [...listener.chains, ...(listener.otherwise ? [listener.otherwise] : [])].map(chain => serverOf(listener, chain)))
}

export function atOf({ address, port }: Pick<Listener, 'address' | 'port'>): string {
  return port === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`
}

function serverOf(listener: Listener, chain: FilterChain): GatewayServer {
  const { tls } = chain
  return {
    at: atOf(listener),
    port: listener.port ?? null,
    hosts: chain.serverNames,
    tls: tls ? modeOf(tls) : chain.transport === 'tls' || chain.serverNames.length > 0 ? 'PASSTHROUGH' : 'none',
    credentials: tls?.certificates ?? [],
    roots: tls?.roots ?? null,
    minimumVersion: tls?.minimumVersion?.replace(/^TLSv(\d)_(\d)$/, 'TLS $1.$2') ?? null,
    leadsTo: leadsTo(chain),
    lastUpdated: listener.lastUpdated ?? null,
  }
}

/** Source: istio/istio:pilot/pkg/networking/core/gateway.go (buildGatewayListenerTLSContext). */
function modeOf({ certificates, requiresClientCertificate, verifies }: TlsContext): GatewayTls {
  // `builtin://` presents the mesh's certificate and asks for none.
  if (certificates.includes('default') && requiresClientCertificate) return 'ISTIO_MUTUAL'
  if (requiresClientCertificate) return 'MUTUAL'
  return verifies ? 'OPTIONAL_MUTUAL' : 'SIMPLE'
}

function leadsTo({ filters }: FilterChain): string | null {
  for (const { config } of filters) {
    const name = textOf(field(field(config, 'rds'), 'route_config_name')) ?? textOf(field(config, 'cluster'))
    if (name !== undefined) return name
  }
  return null
}
