// The one place where surprises are caught: a failed request answers with nothing, and the log says what was asked.

/** Runs a handler; what it throws is logged once and answered with `fallback`, so that one broken document stops nothing else. */
export async function guarded<T>(what: string, log: (line: string) => void, fallback: T, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    log(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    return fallback
  }
}
