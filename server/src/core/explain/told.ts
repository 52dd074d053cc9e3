// What one line of a log tells, whatever its form.

export interface Told {
  /** `envoy`: an access log. `check`: Envoy's RBAC debug log. `text`: anything else, such as the body of a response. */
  readonly form: 'envoy' | 'check' | 'ztunnel' | 'text'
  /** Where a proxy says what went wrong; never what a client sent. */
  readonly signals: readonly string[]
  /** The pod whose log it is, as `kubectl logs --prefix` tells. */
  readonly reporter?: string
  readonly direction?: 'inbound' | 'outbound'
  /** Of HTTP; 0 for a connection. */
  readonly status?: number
  /** `UAEX`, `UF`, `NR` … */
  readonly flags: readonly string[]
  readonly client: End
  readonly server: End
  /** Of what goes out: where it entered the proxy. A gateway's own address, at a sidecar that of the Service. */
  readonly proxyAt?: Pick<End, 'ip' | 'port'>
  /** Envoy's name of where it sends to: `inbound|8080||`. */
  readonly cluster?: string
  /** Of Envoy's clients: the address that decides, which `X-Forwarded-For` may give. */
  readonly remoteIp?: string
  /** `''`: none was sent. */
  readonly sni?: string
  readonly http: boolean
  readonly method?: string
  readonly path?: string
  readonly host?: string
  /** All of them; absent where the line does not show them. */
  readonly headers?: Readonly<Record<string, readonly string[]>>
  readonly requestId?: string
  /** Repeats what another line tells better; counts only where there is none. */
  readonly echo?: true
}

export interface End {
  readonly ip?: string
  readonly port?: number
  /** Without `spiffe://`; `none`: no certificate was shown. */
  readonly identity?: string
  /** `shop/checkout-1`, or the name of the pod alone. */
  readonly pod?: string
  readonly host?: string
}

/** `10.0.0.7:8080`, `[2001:db8::1]:8080`, `10.0.0.7`; nothing for `-` and for what is no address. */
export function endAt(text: string | undefined): Pick<End, 'ip' | 'port'> {
  if (text === undefined || text.length > longestAddress) return {}
  const [, inBrackets, bare, port] = /^(?:\[([\da-f:.]+)\]|([\d.]+|[\da-f:]*:[\da-f:.]*:[\da-f.]*))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const ip = inBrackets ?? bare
  return ip === undefined ? {} : { ip, ...(port === undefined ? {} : { port: Number(port) }) }
}

const longestAddress = 60

/** Whether the log is one of a waypoint, which forwards to Services by clusters of its own. */
export function isAtWaypoint({ cluster }: { readonly cluster?: string | undefined }): boolean {
  return cluster?.startsWith('inbound-vip') ?? false
}
