// A page as somebody reads it.
export function textOf(page: string): string {
  return page
    .replace(/<style[\s\S]*<\/style>/, '')
    .replace(/<wbr>|<\/?time[^>]*>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ')
}
