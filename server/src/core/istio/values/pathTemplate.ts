// Paths with `{*}` and `{**}`. Source: istio/istio:pkg/config/security/security.go (CheckValidPathTemplate).

const literal = /^[\w\-.~%!$&'()+,;:@=]+$/
const surroundingSlashes = /^\/+|(?<!\/)\/+$/g

/** What is wrong, in a sentence; undefined where the path is right. Without a template a path may hold anything but braces. */
export function checkPathTemplate(path: string): string | undefined {
  const isTemplate = path.includes('{*}') || path.includes('{**}')
  let rest = false
  for (const segment of path.replaceAll(surroundingSlashes, '').split('/')) {
    if (segment === '{*}' || segment === '{**}') {
      if (rest) return 'Only plain segments can follow "{**}".'
      rest = segment === '{**}'
    } else if (/[{}]/.test(segment)) return 'Braces are only for "{*}" (one segment) and "{**}" (the rest), each alone between slashes.'
    else if (isTemplate && !literal.test(segment)) return refusedLiteral(segment)
  }
  return undefined
}

function refusedLiteral(segment: string): string {
  if (segment === '') return 'A path with "{*}" or "{**}" cannot have two slashes in a row.'
  if (segment.includes('*')) return `With "{*}" or "{**}" there can be no bare star, as in "${segment}".`
  return `With "{*}" or "{**}" the segment "${segment}" can have only letters, digits and -._~%!$&'()+,;:@=.`
}

/** The template that a refused path was meant to be: a named segment as `{*}`, a bare star as `{*}` or at the end as `{**}`. */
export function repairPathTemplate(path: string): string | undefined {
  const segments = path.split('/')
  const repaired = segments.map((segment, index) => repairedSegment(segment, index === segments.length - 1)).join('/')
  return repaired !== path && checkPathTemplate(repaired) === undefined ? repaired : undefined
}

function repairedSegment(segment: string, isLast: boolean): string {
  if (/^\{[A-Za-z_][\w-]*\}$/.test(segment)) return '{*}'
  if (segment === '**') return '{**}'
  if (segment === '*') return isLast ? '{**}' : '{*}'
  return segment
}
