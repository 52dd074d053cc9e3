// The shape that the type declarations of @kubernetes-models/istio give to a kind: somebody else's reading of some release's CRDs.
import { existsSync, readFileSync } from 'node:fs'
import { parseSync, type TSSignature, type TSType } from 'oxc-parser'
import { type Facts, given, type Shape } from './shape.ts'

const folder = 'node_modules/@kubernetes-models/istio'

/** The minor version the package was made from. */
export function modelsVersion(): number {
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
    readonly 'crd-generate': { readonly input: readonly string[] }
  }
  const minors = manifest['crd-generate'].input.map(url => Number(/\/1\.(\d+)\.\d+\//.exec(url)?.[1] ?? 0))
  return Math.max(...minors)
}

/** Undefined for a kind or version that the package does not have. */
export function modelOf(group: string, version: string, kind: string): Shape | undefined {
  const path = `${folder}/${group}/${version}/${kind}.d.ts`
  if (!existsSync(path)) return undefined
  const { program } = parseSync(path, readFileSync(path, 'utf8'))
  const root = program.body.flatMap(statement => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : undefined
    return declaration?.type === 'TSInterfaceDeclaration' && declaration.id.name === `I${kind}` ? declaration.body.body : []
  })
  const spec = fieldsOf(root).find(({ name }) => name === 'spec')
  return new Map(spec ? describe('spec', spec.type, {}) : [])
}

function* describe(path: string, type: TSType, more: Partial<Facts>): Generator<[string, Facts]> {
  const item = itemOf(type)
  const members = membersOf(type)
  const values = valuesOf(members)
  yield [path, { ...factsOf(type), ...more }]
  if (item) yield* describe(`${path}[]`, item, {})
  if (values) yield* describe(`${path}{}`, values, {})
  for (const { name, type: below, required } of fieldsOf(members)) yield* describe(`${path}.${name}`, below, required ? { required } : {})
}

function factsOf(type: TSType): Facts {
  if (itemOf(type)) return { type: 'list' }
  const members = membersOf(type)
  if (members.length > 0) return { type: valuesOf(members) ? 'map' : 'object' }
  switch (type.type) {
    case 'TSTypeLiteral':
      return { type: 'object' }
    case 'TSStringKeyword':
      return { type: 'string' }
    case 'TSNumberKeyword':
      return { type: 'number' }
    case 'TSBooleanKeyword':
      return { type: 'boolean' }
    case 'TSUnionType':
    case 'TSLiteralType':
      return literal(type)
    default:
      return { type: 'any', open: true }
  }
}

/** Alternatives of a `oneOf` repeat the fields of the type that they are joined to. */
function membersOf(type: TSType): readonly TSSignature[] {
  if (type.type === 'TSTypeLiteral') return type.members
  if (type.type === 'TSParenthesizedType') return membersOf(type.typeAnnotation)
  return type.type === 'TSIntersectionType' ? type.types.flatMap(membersOf) : []
}

function itemOf(type: TSType): TSType | undefined {
  return type.type === 'TSTypeReference' ? type.typeArguments?.params[0] : undefined
}

function valuesOf(members: readonly TSSignature[]): TSType | undefined {
  return members.flatMap(member => (member.type === 'TSIndexSignature' ? member.typeAnnotation.typeAnnotation : []))[0]
}

function literal(type: TSType): Facts {
  const options = type.type === 'TSUnionType' ? type.types : [type]
  const words = options.flatMap(each =>
    each.type === 'TSLiteralType' && each.literal.type === 'Literal' && typeof each.literal.value === 'string' ? each.literal.value : [],
  )
  return words.length === options.length ? { type: 'string', ...given('words', words.toSorted().join('|')) } : { type: 'integer or string' }
}

interface Property {
  readonly name: string
  readonly type: TSType
  readonly required?: true
}

function fieldsOf(members: readonly TSSignature[]): readonly Property[] {
  return members.flatMap(member => {
    if (member.type !== 'TSPropertySignature' || !member.typeAnnotation) return []
    const { key, optional, typeAnnotation } = member
    const name = key.type === 'Literal' ? String(key.value) : key.type === 'Identifier' ? key.name : ''
    return [{ name, type: typeAnnotation.typeAnnotation, ...(optional ? {} : { required: true as const }) }]
  })
}
