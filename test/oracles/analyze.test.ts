// Held against the messages of `istioctl analyze` about meshes whose documents are the whole cluster. The meshes made for this project are in
// `data`; third-party ones are read from outside the repository.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readFile } from '../../server/src/core/istio/file.ts'
import { buildMesh } from '../../server/src/core/mesh/build.ts'
import { check, type Finding } from '../../server/src/core/rules/run.ts'
import { jsonLines, sharedCases } from '../support/shared.ts'
import { type Difference, type Message, notOurs, notRepeated, notTheirs } from './analyzeAllowed.ts'

interface AnalyzeCase {
  readonly id: string
  readonly source?: string
  readonly yaml: string
  readonly cluster: readonly Message[]
  readonly clusterParseError?: string
}

type Named = Difference['object']

const policies = ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication', 'DestinationRule', 'Gateway']

/** The codes that rules of ours have too, and the kinds of which every message with that code is recorded. */
const covered: Readonly<Record<string, readonly string[]>> = {
  IST0101: ['AuthorizationPolicy', 'Gateway'],
  IST0106: policies,
  IST0110: ['Sidecar'],
  IST0111: ['Sidecar'],
  IST0127: ['AuthorizationPolicy'],
  IST0128: ['DestinationRule'],
  IST0129: ['DestinationRule'],
  IST0133: policies,
  IST0138: ['Gateway'],
  IST0145: ['Gateway'],
  IST0149: ['VirtualService'],
  IST0162: ['Gateway'],
  IST0166: ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry', 'WasmPlugin'],
  IST0167: ['Sidecar'],
  IST0173: ['DestinationRule'],
  IST0174: ['DestinationRule'],
}

const own = jsonLines<AnalyzeCase>(gunzipSync(readFileSync('test/oracles/data/analyze.jsonl.gz')).toString('utf8'))
const thirdParty = sharedCases<AnalyzeCase>('analyze.jsonl')?.filter(({ source }) => source !== 'generated')
const used = new Set<string>()

describe.each([
  { name: 'meshes made for this project', cases: own },
  { name: 'meshes of others', cases: thirdParty ?? [] },
])('$name', ({ name, cases }) => {
  const judged = cases.map(each => ({ ...each, ...judge(each.yaml) }))

  test.skipIf(judged.length === 0)('every message is a code of ours, or is not ours to say', () => {
    const messages = judged.flatMap(({ cluster }) => cluster.map(({ code }) => code))
    const codes = [...new Set(messages)].toSorted()
    for (const code of codes.filter(each => each in notOurs)) {
      const count = messages.filter(each => each === code).length
      console.log(`analyze oracle, ${name}, ${code}: ${count} messages, not ours: ${notOurs[code]}`)
    }
    expect(codes.filter(code => !(code in covered) && !(code in notOurs))).toEqual([])
  })

  test.skipIf(judged.length === 0).each(Object.keys(covered))('%s is said where istioctl says it, and nowhere else', code => {
    const seen = judged.map(each => compare(code, each))
    const messages = seen.reduce((sum, each) => sum + each.messages, 0)
    const { missed, extra } = { missed: seen.flatMap(each => each.missed), extra: seen.flatMap(each => each.extra) }
    const left = [...missed.filter(each => !allows(notRepeated, each)), ...extra.filter(each => !allows(notTheirs, each))]
    console.log(
      `analyze oracle, ${name}, ${code}: ${messages} messages, ${messages - missed.length} agreed, ${missed.length} not repeated, ${extra.length} only ours`,
    )
    expect(left.map(told)).toEqual([])
  })

  test.skipIf(judged.length === 0)('a namespace, a selector and a credential are found where they stand', () => {
    const places = judged.flatMap(each => each.cluster.filter(({ code }) => code === 'IST0101').map(message => ({ each, message })))
    const elsewhere = places.filter(({ each, message }) => !standsThere(each, message))
    expect(elsewhere.map(({ each, message }) => `${each.id} ${message.line} ${message.message}`)).toEqual([])
  })
})

test('nothing is allowed to differ that does not', () => {
  const reasons = [...notRepeated, ...notTheirs].map(({ reason }) => reason)
  if (thirdParty) expect(reasons.filter(reason => !used.has(reason))).toEqual([])
})

type Judged = AnalyzeCase & ReturnType<typeof judge>

function judge(yaml: string) {
  const file = readFile('file:///mesh.yaml', yaml)
  const mesh = buildMesh({ files: file.resources, closedWorld: true })
  return { file, findings: check(file, mesh, { severities: {}, structure: 'all' }) }
}

function compare(code: string, { id, file, findings, cluster, clusterParseError: parseError = '' }: Judged) {
  const messages = cluster.filter(each => each.code === code)
  const ours = findings.filter(({ codes }) => codes.some(each => alike(each, code)))
  const difference = (object: Named, rest: Pick<Difference, 'message' | 'finding'>) => ({ id, code, object, file, parseError, ...rest })
  return {
    messages: messages.length,
    missed: messages
      .filter(({ origin }) => !ours.some(({ object }) => isSame(object, named(origin))))
      .map(message => difference(named(message.origin), { message })),
    extra: ours
      .filter(({ object }) => covered[code]?.includes(object.kind))
      .filter(({ object }) => !cluster.some(each => alike(each.code, code) && isSame(object, named(each.origin))))
      .map(finding => difference(finding.object, { finding })),
  }
}

/** One defect, of the host or of a port. */
function alike(one: string, other: string): boolean {
  const general = (code: string) => (code === 'IST0129' ? 'IST0128' : code)
  return general(one) === general(other)
}

function allows(list: typeof notRepeated, difference: Difference): boolean {
  const entry = list.find(({ codes, when }) => codes.includes(difference.code) && when(difference))
  if (entry) used.add(entry.reason)
  return entry !== undefined
}

function told({ id, code, object, message, finding }: Difference & { readonly id: string }): string {
  const what = message ? `missed, line ${message.line}: ${message.message}` : `only ours: ${finding?.message}`
  return `${id} ${code} ${object.kind} ${object.namespace}/${object.name} ${what}`
}

/** `Kind namespace/name`; without a namespace the default one. */
function named(origin: string): Named {
  const [kind = '', place = ''] = origin.split(' ')
  const [first = '', second] = place.split('/')
  return second === undefined ? { kind, namespace: 'default', name: first } : { kind, namespace: first, name: second }
}

function isSame(one: Named, other: Named): boolean {
  return one.kind === other.kind && one.namespace === other.namespace && one.name === other.name
}

/** Of the value in quotes there is a finding, on the line of the message where that is the line of the value. */
function standsThere({ file, findings }: Judged, message: Message): boolean {
  if (allows(notRepeated, { code: message.code, object: named(message.origin), file, message, parseError: '' })) return true
  const about = findings.filter(each => each.codes.includes(message.code) && isSame(each.object, named(message.origin)))
  const isOnLine = (finding: Finding) => {
    const { start, end } = file.lines.range(finding.span)
    // istioctl counts a line too much in a document that the file's first line opens.
    const line = message.line - (file.text.startsWith('---') && finding.document === 0 ? 1 : 0)
    return start.line < line && line <= end.line + 1
  }
  // The analyzer gives a value of notNamespaces the line of a value of namespaces, or none.
  const value = /"([^"]*)"$/.exec(message.message)?.[1] ?? ''
  const same = about.filter(finding => finding.message.includes(`"${value}"`) || message.message.includes('selector'))
  const negative = same.some(finding => finding.path.includes('notNamespaces'))
  return same.length > 0 && (negative || same.some(isOnLine))
}
