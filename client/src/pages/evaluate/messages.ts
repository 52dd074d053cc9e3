// What the form and the extension tell each other. Pure: the form's own script imports it too.

/** What the form holds, each as it is typed. */
export interface Fields {
  readonly from: (typeof callerKinds)[number]
  /** `namespace/name`. */
  readonly workload: string
  readonly principal: string
  /** The value of one of the targets. */
  readonly to: string
  readonly protocol: (typeof protocols)[number]
  readonly method: string
  readonly path: string
  readonly host: string
  /** `name: value`, one a line; so are the claims. */
  readonly headers: string
  readonly claims: string
  readonly ip: string
  /** Empty: not known. */
  readonly provider: (typeof answers)[number]
}

export const callerKinds = ['workload', 'principal', 'plaintext'] as const
export const protocols = ['http', 'tcp'] as const
export const answers = ['', 'allow', 'deny'] as const

export interface Choice {
  readonly value: string
  readonly label: string
}

export interface FormContent {
  readonly title: string
  readonly fields: Fields
  readonly choices: Choices
}

export interface Choices {
  readonly callers: readonly Choice[]
  readonly identities: readonly string[]
  readonly targets: readonly Choice[]
}

/** A decision as the form shows it. */
export interface ShownAnswer {
  readonly tone: 'allow' | 'deny' | 'unknown' | 'problem'
  /** `Denied (403)`. */
  readonly verdict: string
  /** `shop/no-admin rule 2`. */
  readonly by?: ShownRule
  readonly reason: string
  readonly others: readonly (ShownRule & { readonly action: string; readonly matched: string; readonly because: string })[]
  /** Whether there is a decision to copy and to keep. */
  readonly decided: boolean
}

export interface ShownRule {
  readonly name: string
  /** Which of the steps is shown in its file when it is asked for; absent where no file says it. */
  readonly step?: number
}

export type ToForm =
  /** Begins anew. */
  | { readonly type: 'form'; readonly form: FormContent }
  /** The mesh changed: what is typed stays. */
  | { readonly type: 'choices'; readonly choices: Choices }
  | { readonly type: 'answer'; readonly answer: ShownAnswer }

export type FromForm =
  /** The script runs: the form can be filled. */
  | { readonly type: 'ready' }
  | { readonly type: 'fields'; readonly fields: Fields }
  | { readonly type: 'reveal'; readonly step: number }
  | { readonly type: 'copy' }
  | { readonly type: 'save' }

/** A page may be made to say anything, so what is none of ours is undefined. */
export function readFromForm(message: unknown): FromForm | undefined {
  const { type, step, fields } = recordOf(message)
  switch (type) {
    case 'ready':
    case 'copy':
    case 'save':
      return { type }
    case 'reveal':
      return typeof step === 'number' ? { type, step } : undefined
    case 'fields': {
      const read = readFields(fields)
      return read && { type, fields: read }
    }
    default:
      return undefined
  }
}

const longest = 20_000

/** Also of what an earlier window kept. */
export function readFields(value: unknown): Fields | undefined {
  const given = recordOf(value)
  const text = (name: keyof Fields): string => {
    const found = given[name]
    return typeof found === 'string' ? found.slice(0, longest) : ''
  }
  const from = callerKinds.find(each => each === given.from)
  const protocol = protocols.find(each => each === given.protocol)
  if (!from || !protocol) return undefined
  return {
    from,
    protocol,
    workload: text('workload'),
    principal: text('principal'),
    to: text('to'),
    method: text('method'),
    path: text('path'),
    host: text('host'),
    headers: text('headers'),
    claims: text('claims'),
    ip: text('ip'),
    provider: answers.find(each => each === given.provider) ?? '',
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? { ...value } : {}
}
