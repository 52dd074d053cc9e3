// Where `istioctl analyze` and we answer otherwise on purpose, and what it says that is not ours to say.
import type { SourceFile } from '../../server/src/core/istio/file.ts'
import { apiKind, type Kind, type ResourceOf } from '../../server/src/core/istio/resources.ts'
import type { Finding } from '../../server/src/core/rules/run.ts'

export interface Message {
  readonly code: string
  /** `Kind namespace/name`. */
  readonly origin: string
  readonly line: number
  readonly message: string
}

/** A message without a finding, or a finding without a message, about the object of that name. */
export interface Difference {
  readonly code: string
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string }
  readonly file: SourceFile
  readonly message?: Message
  readonly finding?: Finding
  /** What istioctl could not read, or why it crashed. */
  readonly parseError: string
}

interface Allowed {
  readonly codes: readonly string[]
  readonly reason: string
  readonly when: (difference: Difference) => boolean
}

/** Of istioctl alone: it errs, or names one defect twice. */
export const notRepeated: readonly Allowed[] = [
  {
    codes: ['IST0101'],
    reason: 'The gateway pod is there; its document names no namespace, which the secret analyzer takes for no pod at all.',
    when: ({ message, file }) =>
      message?.message.includes('selector') === true && file.resources.some(each => each.kind === 'Pod' && !each.at.namespace),
  },
  {
    codes: ['IST0127'],
    reason: 'The policy has targetRefs, which the analyzer does not read (P6).',
    when: each => find(each, 'AuthorizationPolicy')?.targetRefs.length !== 0,
  },
  {
    codes: ['IST0128', 'IST0129'],
    reason: 'Verification is switched off by insecureSkipVerify, so no authority is missing.',
    when: each => {
      const policy = find(each, 'DestinationRule')?.trafficPolicy
      return [policy, ...(policy?.ports ?? [])].some(settings => settings?.tls?.insecureSkipVerify)
    },
  },
  {
    codes: ['IST0162'],
    reason: 'A Service leads to the port; its protocol is not written, and the API server makes it TCP.',
    when: ({ message, file }) => {
      const port = Number(/\(port (\d+)\)/.exec(message?.message ?? '')?.[1])
      const ports = file.resources.flatMap(each => (each.kind === 'Service' ? each.ports : []))
      return ports.some(each => each.protocol === undefined && (each.port === port || each.targetPort === port))
    },
  },
  {
    codes: ['IST0167'],
    reason: 'The pod has an istio-proxy container, which reads the Sidecar, whatever its annotation says.',
    when: ({ file }) =>
      file.resources.some(each => each.kind === 'Pod' && each.containers.includes('istio-proxy') && isAnnotatedAmbient(each)),
  },
  {
    codes: ['IST0173'],
    reason: 'The endpoints of the ServiceEntry have the labels; the analyzer looks at pods alone.',
    when: ({ file }) => file.resources.some(each => each.kind === 'ServiceEntry' && each.endpoints.length > 0),
  },
  {
    codes: ['IST0173'],
    reason: 'The Service has no selector: whoever writes its EndpointSlices decides about their labels.',
    when: ({ file }) => file.resources.some(each => each.kind === 'Service' && Object.keys(each.selector).length === 0),
  },
  {
    codes: ['IST0173'],
    reason: 'Labels of the topology come from nodes, which are not among our kinds.',
    when: each =>
      find(each, 'DestinationRule')?.subsets.some(({ labels }) => labels.some(({ key }) => key.value.startsWith('topology.'))) === true,
  },
  {
    codes: ['IST0174'],
    reason:
      'The analyzer never finds anything for a wildcard: a Service or ServiceEntry matches, or the namespace is there and waits for its Services.',
    when: each => find(each, 'DestinationRule')?.host?.value.startsWith('*') === true,
  },
  {
    codes: ['IST0174'],
    reason: 'The host is empty, for which Istio refuses the object: one defect, one finding.',
    when: each => (find(each, 'DestinationRule')?.host?.value ?? '') === '',
  },
]

/** Ours alone: istioctl is not asked, does not look, or errs. */
export const notTheirs: readonly Allowed[] = [
  {
    codes: ['IST0101', 'IST0127'],
    reason: "Silenced by istioctl's own annotation; ours is a comment that names our rule.",
    when: each => each.file.text.includes('galley.istio.io/analyze-suppress'),
  },
  {
    codes: ['IST0101'],
    reason: 'Written under "when": the proxy compares it alike, the analyzer reads namespaces and notNamespaces only.',
    when: ({ finding }) => finding?.path.includes('when') === true,
  },
  {
    codes: ['IST0101'],
    reason: 'Written in credentialNames, which Istio reads like credentialName and the analyzer does not.',
    when: ({ finding }) => finding?.path.includes('credentialNames') === true,
  },
  {
    codes: ['IST0106'],
    reason: 'The document does not decode, or the analyzer crashed on it: istioctl reports that beside its messages.',
    when: ({ parseError }) => parseError !== '',
  },
  {
    codes: ['IST0110'],
    reason: 'The pod has an istio-proxy container, which reads the Sidecars, whatever its annotation says.',
    when: ({ file }) =>
      file.resources.some(each => each.kind === 'Pod' && each.containers.includes('istio-proxy') && isAnnotatedAmbient(each)),
  },
  {
    codes: ['IST0149'],
    reason: 'The RequestAuthentication has targetRefs for another gateway, which the analyzer does not read.',
    when: ({ file }) => file.resources.some(each => each.kind === 'RequestAuthentication' && each.targetRefs.length > 0),
  },
  {
    codes: ['IST0173'],
    reason: 'For a wildcard host the analyzer stops at its false IST0174 and does not look at subsets.',
    when: each => find(each, 'DestinationRule')?.host?.value.startsWith('*') === true,
  },
]

/** Codes that no rule of ours has. */
export const notOurs: Readonly<Record<string, string>> = {
  IST0002: 'about deprecated telemetry providers',
  IST0102: 'about a Namespace: no injection is a choice; what it means for STRICT is strict-without-proxy',
  IST0103: 'about a Pod: reported on the PeerAuthentication that is not enforced there (strict-without-proxy)',
  IST0107: 'about annotations of Services, Pods, Deployments',
  IST0108: 'about annotations of Services, Pods, Deployments',
  IST0123: 'about labels of a Namespace',
  IST0125: 'about annotations of Pods',
  IST0135: 'about annotations of Pods and Deployments',
  IST0144: 'about the user id of a container',
  IST0146: 'about the image of a Deployment',
  IST0147: 'about the image of a Pod',
  IST0148: 'about a Namespace, as IST0102',
  IST0158: 'about the version of proxies',
  IST0161: 'needs the contents of a Secret, which are never read',
  IST0171: 'about a status that a controller writes, not about what a person wrote',
  IST0175: 'about the Deployment of istiod',
}

function isAnnotatedAmbient({ annotations }: { readonly annotations: Readonly<Record<string, string>> }): boolean {
  return annotations['ambient.istio.io/redirection'] === 'enabled'
}

function find<K extends Kind>({ file, object }: Difference, kind: K): ResourceOf<K> | undefined {
  return file.resources.find(
    (each): each is ResourceOf<K> =>
      each.kind === kind && apiKind(each) === object.kind && each.namespace === object.namespace && each.name === object.name,
  )
}
