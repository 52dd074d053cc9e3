// Three-valued logic: what the given world cannot decide stays unknown, with the fact that is missing.

export type Truth =
  | { readonly is: 'yes'; readonly because: string }
  | { readonly is: 'no'; readonly because: string }
  /** `missing` names the facts: `the source address`. */
  | { readonly is: 'unknown'; readonly because: string; readonly missing: readonly string[] }

export type Test<T> = (of: T) => Truth

export function yes(because: () => string): Truth {
  return new Worded('yes', because)
}

export function no(because: () => string): Truth {
  return new Worded('no', because)
}

export function unknown(missing: readonly string[]): Truth {
  return new Unknown(missing)
}

/** The same in other words. */
export function reworded(truth: Truth, because: () => string): Truth {
  return truth.is === 'unknown' ? { is: truth.is, missing: truth.missing, because: because() } : new Worded(truth.is, because)
}

/** Put into words when they are read: thousands of rules are judged, and few are shown. */
class Worded<Is extends 'yes' | 'no'> {
  readonly is: Is
  private readonly words: () => string

  constructor(is: Is, words: () => string) {
    this.is = is
    this.words = words
  }

  get because(): string {
    return this.words()
  }
}

class Unknown {
  readonly is = 'unknown'
  readonly missing: readonly string[]

  constructor(missing: readonly string[]) {
    this.missing = missing
  }

  get because(): string {
    return `${this.missing.join(', ')} ${this.missing.length === 1 ? 'is' : 'are'} not known`
  }
}

/** All must hold. The first that does not is the reason, then everything that is not known. */
export function every(truths: readonly Truth[], nothing: string): Truth {
  return truths.find(each => each.is === 'no') ?? undecided(truths) ?? yes(() => reasons(truths, ', ') || nothing)
}

/** One must hold. */
export function some(truths: readonly Truth[]): Truth {
  return truths.find(each => each.is === 'yes') ?? undecided(truths) ?? no(() => reasons(truths, '; '))
}

/** `every`, which asks no further than the first `no`. */
export function all<T>(tests: readonly Test<T>[], nothing: string): Test<T> {
  const [only] = tests
  if (only && tests.length === 1) return only
  return of => {
    const truths: Truth[] = []
    for (const test of tests) {
      const truth = test(of)
      if (truth.is === 'no') return truth
      truths.push(truth)
    }
    return every(truths, nothing)
  }
}

/** `some`, which asks no further than the first `yes`. */
export function any<T>(tests: readonly Test<T>[]): Test<T> {
  const [only] = tests
  if (only && tests.length === 1) return only
  return of => {
    const truths: Truth[] = []
    for (const test of tests) {
      const truth = test(of)
      if (truth.is === 'yes') return truth
      truths.push(truth)
    }
    return some(truths)
  }
}

function undecided(truths: readonly Truth[]): Truth | undefined {
  const open = truths.filter(each => each.is === 'unknown')
  return open.length > 0 ? unknown([...new Set(open.flatMap(each => each.missing))]) : undefined
}

const mostReasons = 3

function reasons(truths: readonly Truth[], separator: string): string {
  const all = [...new Set(truths.map(each => each.because))]
  const rest = all.length > mostReasons ? [`${all.length - mostReasons} more`] : []
  return [...all.slice(0, mostReasons), ...rest].join(separator)
}
