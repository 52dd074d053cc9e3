// Whether a text is a CEL expression, by its grammar and its macros; names and types are not looked up.
// Source: google/cel-go parser/gen/CEL.g4, parser/parser.go, parser/macro.go, parser/unescape.go.

export interface CelSyntaxError {
  /** What stands there, as it is written; empty at the end of the text. */
  readonly found: string
  readonly offset: number
}

interface Token extends CelSyntaxError {
  /** Of signs and keywords the text itself. */
  readonly kind: string
}

/** What macros ask of their arguments. */
type Shape = 'name' | 'selection' | 'other'

const blanks = /(?:[\t \r\n\f]|\/\/[^\n]*)+/y
const kinds: readonly (readonly [kind: string, form: RegExp])[] = [
  ['float', /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/y],
  ['integer', /(?:0x[\da-fA-F]+|\d+)[uU]?/y],
  [
    'text',
    /[bB]?(?:[rR](?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n\r]*"|'[^'\n\r]*')|"""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\.|[^\\"\n\r])*"|'(?:\\.|[^\\'\n\r])*')/y,
  ],
  ['name', /[a-zA-Z_]\w*/y],
  ['escaped name', /`[\w.\-/ ]+`/y],
  ['sign', /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
]
const keywords: ReadonlySet<string> = new Set(['in', 'true', 'false', 'null'])
const reserved: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)
const operators: ReadonlySet<string> = new Set(['||', '&&', '<', '<=', '>=', '>', '==', '!=', 'in', '+', '-', '*', '/', '%'])

/** Calls on a value whose first argument is the name of a variable, with how many arguments they take. */
const comprehensions: Readonly<Record<string, readonly number[]>> = {
  all: [2],
  exists: [2],
  exists_one: [2],
  existsOne: [2],
  map: [2, 3],
  filter: [2],
}

const deepest = 250
const longest = 100_000

/** The first place where the text is no CEL expression; undefined where it is one. */
export function celSyntaxError(text: string): CelSyntaxError | undefined {
  if ([...text].length > longest) return { found: text, offset: 0 }
  try {
    new Reader([...tokensOf(text)]).all()
    return undefined
  } catch (error) {
    if (error instanceof Unexpected) return error.token
    throw error
  }
}

class Unexpected extends Error {
  readonly token: Token

  constructor(token: Token) {
    super(`Unexpected ${token.found}`)
    this.token = token
  }
}

function* tokensOf(text: string): Generator<Token> {
  for (let offset = end(blanks, text, 0); offset < text.length; offset = end(blanks, text, offset)) {
    const [kind] = kinds.find(([, form]) => end(form, text, offset) > offset) ?? []
    if (kind === undefined) throw new Unexpected({ kind: 'none', found: text.charAt(offset), offset })
    const form = kinds.find(([name]) => name === kind)?.[1] ?? blanks
    const found = text.slice(offset, end(form, text, offset))
    yield { kind: kind === 'sign' || keywords.has(found) ? found : kind, found, offset }
    offset += found.length
  }
  yield { kind: 'end', found: '', offset: text.length }
}

/** Where a match that begins here ends; here, if there is none. */
function end(form: RegExp, text: string, from: number): number {
  form.lastIndex = from
  return form.test(text) ? form.lastIndex : from
}

/** Operators bind differently, but every order of them is an expression: how they bind is left out. */
class Reader {
  private readonly tokens: readonly Token[]
  private at = 0
  private depth = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  all(): void {
    this.expression()
    this.expect('end')
  }

  private expression(): Shape {
    if (++this.depth > deepest) throw new Unexpected(this.token)
    let shape = this.operation()
    if (this.take('?')) {
      this.operation()
      this.expect(':')
      this.expression()
      shape = 'other'
    }
    this.depth--
    return shape
  }

  private operation(): Shape {
    let shape = this.unary()
    while (operators.has(this.token.kind)) {
      this.at++
      this.unary()
      shape = 'other'
    }
    return shape
  }

  private unary(): Shape {
    const sign = this.token.kind
    if (sign !== '!' && sign !== '-') return this.member()
    const from = this.at
    while (this.take(sign));
    // One more sign belongs to a number.
    const isNegative = this.take('-')
    if (isNegative && !/^[\d.].*[^uU]$|^\d$/.test(this.token.found)) throw new Unexpected(this.token)
    this.member(isNegative || (this.at - from === 1 && sign === '-'))
    return 'other'
  }

  private member(negative = false): Shape {
    let shape = this.primary(negative)
    for (;;) {
      if (this.take('[')) {
        this.expression()
        this.expect(']')
        shape = 'other'
      } else if (this.take('.')) {
        shape = 'selection'
        if (this.take('escaped name')) continue
        const name = this.expect('name')
        if (this.take('(')) {
          const [first, shapes] = this.arguments()
          if (comprehensions[name.found]?.includes(shapes.length)) expectVariable(first, shapes[0])
          shape = 'other'
        }
      } else return shape
    }
  }

  private primary(negative: boolean): Shape {
    const token = this.token
    if (token.kind === '.' || token.kind === 'name') return this.named()
    this.at++
    switch (token.kind) {
      case '(': {
        const shape = this.expression()
        this.expect(')')
        return shape
      }
      case '[':
        this.list(']', () => this.expression())
        return 'other'
      case '{':
        this.list('}', () => this.entry(() => this.expression()))
        return 'other'
      case 'integer':
      case 'float':
        if (!holds(token.found, negative)) throw new Unexpected(token)
        return 'other'
      case 'text':
        if (!isUnescapable(token.found)) throw new Unexpected(token)
        return 'other'
      case 'true':
      case 'false':
      case 'null':
        return 'other'
      default:
        throw new Unexpected(token)
    }
  }

  /** A variable, a call, or a message with its fields. */
  private named(): Shape {
    const isRooted = this.take('.')
    const name = this.expect('name')
    const message = this.messageEnd()
    if (message !== undefined) {
      this.at = message
      this.list('}', () => this.entry(() => this.take('escaped name') || this.expect('name')))
      return 'other'
    }
    if (reserved.has(name.found)) throw new Unexpected(name)
    if (!this.take('(')) return 'name'
    const [first, shapes] = this.arguments()
    if (name.found === 'has' && !isRooted && shapes.length === 1 && shapes[0] !== 'selection') throw new Unexpected(first)
    return 'other'
  }

  /** Past the brace that opens a message of this name. */
  private messageEnd(): number | undefined {
    let here = this.at
    while (this.tokens[here]?.kind === '.' && this.tokens[here + 1]?.kind === 'name') here += 2
    return this.tokens[here]?.kind === '{' ? here + 1 : undefined
  }

  private entry(key: () => unknown): void {
    key()
    this.expect(':')
    this.expression()
  }

  /** A comma may follow the last item, or stand alone. */
  private list(close: string, item: () => void): void {
    if (!this.take(',')) {
      while (this.token.kind !== close) {
        item()
        if (!this.take(',')) break
      }
    }
    this.expect(close)
  }

  private arguments(): readonly [first: Token, shapes: readonly Shape[]] {
    const first = this.token
    const shapes: Shape[] = []
    if (this.take(')')) return [first, shapes]
    do shapes.push(this.expression())
    while (this.take(','))
    this.expect(')')
    return [first, shapes]
  }

  private get token(): Token {
    return this.tokens[this.at] ?? { kind: 'end', found: '', offset: 0 }
  }

  private take(kind: string): boolean {
    if (this.token.kind !== kind) return false
    this.at++
    return true
  }

  private expect(kind: string): Token {
    const token = this.token
    if (!this.take(kind)) throw new Unexpected(token)
    return token
  }
}

/** `__result__` is the name that macros use themselves. */
function expectVariable(first: Token, shape: Shape | undefined): void {
  if (shape !== 'name' || first.found === '__result__') throw new Unexpected(first)
}

function holds(number: string, negative: boolean): boolean {
  if (/^0x|^\d+[uU]?$/.test(number)) {
    const unsigned = /[uU]$/.test(number)
    const value = BigInt(unsigned ? number.slice(0, -1) : number)
    return value < (unsigned ? 2n ** 64n : negative ? 2n ** 63n + 1n : 2n ** 63n)
  }
  return Number.isFinite(Number(number))
}

function isUnescapable(text: string): boolean {
  const [, bytes, raw] = /^([bB]?)([rR]?)/.exec(text) ?? []
  if (raw) return true
  const escapes = text.match(/\\[\s\S][\da-fA-F]{0,8}/g) ?? []
  return escapes.every(each => {
    if (/^\\[abfnrtv"'\\?`]/.test(each) || /^\\(?:[xX][\da-fA-F]{2}|[0-3][0-7]{2})/.test(each)) return true
    const [, short, long] = /^\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(each) ?? []
    const point = Number.parseInt(short ?? long ?? '', 16)
    return !bytes && point <= 0x10_ffff && (point < 0xd800 || point > 0xdfff)
  })
}
