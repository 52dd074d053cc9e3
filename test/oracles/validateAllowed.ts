// Recorded cases where we answer otherwise on purpose, each with its reason.
export const allowed: ReadonlyMap<string, { readonly reason: string; seen?: boolean }> = new Map()

/** Of files that people really wrote, documents without a recorded verdict which Istio refuses: file, document, rule, and what Istio says. */
export const refused: ReadonlyMap<string, string> = new Map([
  ['rw-db519a6730a1 document 2 tag-override', 'tagOverrides.value must be set when operation is UPSERT'],
  ['rw-693c8186fdde document 10 service-entry-host', 'hosts must be FQDN … for resolution mode DNS, domain name "*.discord.com" invalid'],
  ['rw-580bd8067252 document 1 virtual-service-host', 'domain name "kartverket.no+custom-cert" invalid'],
])
