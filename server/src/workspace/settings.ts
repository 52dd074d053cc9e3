// The settings as one value, read once at the edge. Whatever arrives is checked: a wrong value keeps the default.
import type { Severity } from '../core/rules/rule.ts'

export interface Settings {
  /** Files or folders of objects that are the world around the open files; absolute or relative to the workspace folder. */
  readonly mesh: readonly string[]
  readonly closedWorld: boolean
  readonly cluster: 'auto' | 'off'
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespaces: readonly string[]
  readonly rules: Readonly<Record<string, Severity | 'off'>>
  readonly schemaValidation: 'auto' | 'on' | 'off'
  readonly istioVersion?: string
  readonly inlayHints: boolean
  readonly codeLens: boolean
}

export const defaults: Settings = {
  mesh: [],
  closedWorld: false,
  cluster: 'auto',
  namespaces: [],
  rules: {},
  schemaValidation: 'auto',
  inlayHints: true,
  codeLens: true,
}

const severities: ReadonlySet<unknown> = new Set(['off', 'error', 'warning', 'info', 'hint'])

/** Reads the section `istioSecurity`, from the client's configuration or from `initializationOptions`. */
export function readSettings(value: unknown): Settings {
  const given = value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>) : {}
  const kubeconfig = text(given.kubeconfig)
  const context = text(given.context)
  const istioVersion = text(given.istioVersion)
  return {
    mesh: texts(given.mesh),
    closedWorld: given.closedWorld === true,
    cluster: given.cluster === 'off' ? 'off' : 'auto',
    namespaces: texts(given.namespaces),
    rules: rulesOf(given.rules),
    schemaValidation: given.schemaValidation === 'on' || given.schemaValidation === 'off' ? given.schemaValidation : 'auto',
    inlayHints: given.inlayHints !== false,
    codeLens: given.codeLens !== false,
    ...(kubeconfig ? { kubeconfig } : {}),
    ...(context ? { context } : {}),
    ...(istioVersion && isIstioVersion(istioVersion) ? { istioVersion } : {}),
  }
}

/** `1.30`; `auto` and everything else leaves it to the cluster. */
export function isIstioVersion(text: string): boolean {
  return /^1\.\d+$/.test(text)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string' && each !== '') : []
}

function rulesOf(value: unknown): Settings['rules'] {
  if (value === null || typeof value !== 'object') return {}
  return Object.fromEntries(Object.entries(value).filter(([, severity]) => severities.has(severity)))
}
