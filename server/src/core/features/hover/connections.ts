// What a DestinationRule or a Service means for the connections of the mesh.
import type { MarkupContent } from 'vscode-languageserver-types'
import type { SourceDocument } from '../../istio/file.ts'
import type { DestinationRule, Resource, Service, TrafficPolicy } from '../../istio/resources.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import { describeRule, type RulePart } from '../../report/destinationRule.ts'
import { describeService } from '../../report/service.ts'
import type { Place } from '../../yaml/cursor.ts'
import type { Span } from '../../yaml/tree.ts'
import { bullets, escapeMarkdown, markup } from '../markdown.ts'

/** On the kind or the name of one of these. */
export function hoverOfObject(resource: Resource, mesh: Mesh): MarkupContent | undefined {
  if (resource.kind === 'DestinationRule') return hoverOfRule(resource, mesh)
  return resource.kind === 'Service' ? hoverOfService(resource, mesh) : undefined
}

function hoverOfService(service: Service, mesh: Mesh): MarkupContent {
  const { headline, ports } = describeService(service, mesh)
  return markup(`**${escapeMarkdown(headline)}**`, bullets(ports))
}

function hoverOfRule(rule: DestinationRule, mesh: Mesh, part?: RulePart, meaning: readonly string[] = []): MarkupContent {
  const { headline, clients, sent } = describeRule(rule, mesh, part)
  return markup(...meaning, `**${escapeMarkdown(headline)}**`, bullets(clients), bullets(sent))
}

/** On the host or a TLS mode of a DestinationRule; `meaning`: paragraphs on the word itself. */
export function hoverInRule({ resources }: SourceDocument, { node, onKey }: Place, mesh: Mesh, meaning: readonly string[]) {
  if (!node || onKey) return undefined
  for (const rule of resources) {
    const found = rule.kind === 'DestinationRule' && placesIn(rule).find(({ at }) => at?.start === node.span.start)
    if (found) return hoverOfRule(rule, mesh, found.part, meaning)
  }
  return undefined
}

interface Told {
  readonly at: Span | undefined
  readonly part: RulePart
}

function placesIn({ host, trafficPolicy, subsets }: DestinationRule): readonly Told[] {
  return [
    { at: host?.span, part: {} },
    ...modesIn(trafficPolicy, {}),
    ...subsets.flatMap(each => modesIn(each.trafficPolicy, { subset: each.name.value })),
  ]
}

function modesIn(policy: TrafficPolicy | undefined, part: RulePart): readonly Told[] {
  const ports = policy?.ports ?? []
  return [
    { at: policy?.tls?.mode?.span, part },
    ...ports.map(({ port, tls }) => ({ at: tls?.mode?.span, part: port ? { ...part, port: port.value } : part })),
  ]
}
