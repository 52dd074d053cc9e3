// Words that are filled in later decide nothing: the answer names them.
import { expect, test } from 'vitest'
import { paths } from '../../../../../server/src/core/decide/mtls/paths.ts'
import { fileMesh } from '../../../../support/mesh.ts'

const pod = `apiVersion: v1
kind: Pod
metadata: { name: checkout-1, namespace: shop, labels: { app: checkout, security.istio.io/tlsMode: istio } }
spec: { containers: [{ name: app }, { name: istio-proxy }] }
`
const service =
  'apiVersion: v1\nkind: Service\nmetadata: { name: checkout, namespace: shop }\nspec: { selector: { app: checkout }, ports: [{ port: 80 }] }\n'
const peer = (spec: string) =>
  `apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: { name: default, namespace: shop }\nspec: ${spec}\n`
const rule = (mode: string) =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: checkout, namespace: shop }\nspec: { host: checkout, trafficPolicy: { tls: { mode: ${mode} } } }\n`

test.each([
  ['a mode', peer('{ mtls: { mode: STRICT } }'), 'Auto mTLS sends mTLS, and'],
  ['a mode to come', peer('{ mtls: { mode: "${MODE}" } }'), 'it is not known what PeerAuthentication "shop/default" says'],
  [
    'a label to come',
    peer('{ selector: { matchLabels: { app: "${APP}" } }, mtls: { mode: STRICT } }'),
    'it is not known what PeerAuthentication "shop/default" says',
  ],
  [
    'a mode of a port to come',
    peer('{ selector: { matchLabels: { app: checkout } }, portLevelMtls: { 80: { mode: "$(MODE)" } } }'),
    'it is not known what PeerAuthentication "shop/default" says',
  ],
  ['a TLS mode', rule('ISTIO_MUTUAL'), 'DestinationRule "shop/checkout" sends mTLS (ISTIO_MUTUAL), and'],
  ['a TLS mode to come', rule('"<tls-mode>"'), 'it is not known which tls mode DestinationRule "shop/checkout" has'],
])('%s', (_, policy, reason) => {
  const mesh = fileMesh([pod, service, policy].join('---\n'), { closedWorld: true })
  expect([...paths(mesh)].map(row => row.reason)).toEqual([expect.stringContaining(reason)])
})
