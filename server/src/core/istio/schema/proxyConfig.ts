// ProxyConfig. Source: istio/api:networking/v1beta1/proxy_config.proto, told in our words.
import { field, type MapSchema, object, string } from './schema.ts'
import { kind, selector } from './shared.ts'

const variables: MapSchema = { type: 'map', keys: 'text', values: { type: 'string', maxLength: 2048 } }

const proxyImage = object('an image', {
  imageType: field(string, 'Flavour of the proxy image: `default`, `debug` or `distroless`.', { example: 'imageType: distroless' }),
})

export const proxyConfigSpec = object('the spec of a ProxyConfig', {
  selector,
  concurrency: field(
    { type: 'integer', format: 'int32', min: 0, refusedBy: 'both' },
    'Worker threads of the proxy; 0 uses all cores, left out it follows the CPU limit.',
    { example: 'concurrency: 2' },
  ),
  environmentVariables: field(variables, 'Environment variables of the proxy; it takes them when the pod starts.', {
    example: 'environmentVariables: { ISTIO_META_DNS_CAPTURE: "true" }',
  }),
  image: field(proxyImage, 'Which image the proxy runs.', { example: 'image: { imageType: distroless }' }),
})

export const proxyConfig = kind('a ProxyConfig', proxyConfigSpec)
