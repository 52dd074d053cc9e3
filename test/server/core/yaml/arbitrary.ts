// Text that is nearly YAML: pieces of real policies and the characters that break them.
import fc from 'fast-check'

const pieces = [
  ...['a', 'spec', 'principals', 'mode', 'STRICT', 'cluster.local/ns/shop/sa/web', '"quoted"', "'single'", '8080', 'yes'],
  ...[': ', ':', '- ', '-', '\n', '\r\n', '  ', '    ', '\t', ' ', '\n---\n', '\n...\n', '# words', '%YAML 1.1\n'],
  ...['{', '}', '[', ']', ', ', '"', "'", '|', '>', '&a ', '*a', '<<: ', '!!str ', '? ', '{{ x }}', '${x}', '\ufeff', '𝒳', 'ü', '\u0000'],
]

export const arbitraryYaml: fc.Arbitrary<string> = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map(parts => parts.join(''))
