// Recorded cases where we answer otherwise on purpose, each with its reason.
export const allowed: ReadonlyMap<string, { readonly reason: string; seen?: boolean }> = new Map()
