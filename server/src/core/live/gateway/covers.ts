// Whether a server's certificate is good for the hosts that it serves. Source: RFC 6125 §6.4.3, RFC 9525: only names of the SAN count,
// and `*` stands for one label.
import type { Certificate } from '../../certificate/report.ts'

/** Hosts that no name of the certificate covers. `*`, and a host of another form than a name, asks for none. */
export function uncovered(hosts: readonly string[], { san }: Pick<Certificate, 'san'>): readonly string[] {
  const names = san.filter(({ type }) => type === 'dns').map(({ value }) => value.toLowerCase())
  const addresses = san.filter(({ type }) => type === 'ip').map(({ value }) => value)
  return hosts.filter(host => {
    const wanted = host.toLowerCase().replace(/\.$/, '')
    if (wanted === '*' || addresses.includes(wanted)) return false
    const [, ...parent] = wanted.split('.')
    return !names.includes(wanted) && !(parent.length > 0 && names.includes(`*.${parent.join('.')}`))
  })
}
