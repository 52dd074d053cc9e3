// A field in words: for hover, completion and the reference.
import type { Field, Schema } from './schema.ts'

/** Markdown: what it does, the facts in one line, an example. */
export function describeField(field: Field): string {
  const facts = factsOf(field).join(' · ')
  const example = field.example && `\`\`\`yaml\n${field.example}\n\`\`\``
  return [field.text, facts, example].filter(Boolean).join('\n\n')
}

/** Type, words, default, since: each a short piece of Markdown. */
export function factsOf({ schema, required, since, default: unwritten }: Field): readonly string[] {
  return [
    typeName(schema),
    ...(required ? ['required'] : []),
    ...(unwritten === undefined ? [] : [`default \`${unwritten}\``]),
    ...(since ? [`since Istio ${since}`] : []),
  ]
}

const names: Readonly<Record<Schema['type'], string>> = {
  object: 'map',
  map: 'map',
  list: 'list',
  string: 'text',
  integer: 'whole number',
  number: 'number',
  duration: 'duration',
  boolean: 'true or false',
  any: 'anything',
}

function typeName(schema: Schema): string {
  if (schema.type === 'list') return `list of ${plural(schema.items)}`
  if (schema.type === 'string' && schema.words) {
    const words = Object.keys(schema.words)
    return words.length <= 6 ? words.map(word => `\`${word}\``).join(', ') : 'one of its words'
  }
  return names[schema.type]
}

function plural(schema: Schema): string {
  if (schema.type === 'object' || schema.type === 'map') return 'maps'
  return schema.type === 'integer' || schema.type === 'number' ? 'numbers' : 'texts'
}
