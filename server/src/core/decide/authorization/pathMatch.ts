// Values of `paths`. Source: istio/istio:pilot/pkg/security/authz/matcher/template.go,
// envoyproxy/envoy:source/extensions/path/uri_template_lib/uri_template_internal.cc.

import { own } from '../../istio/own.ts'
import { quoted, type StringMatch, stringMatch } from './stringMatch.ts'

/** What `{*}` and `{**}` stand for: a class of characters, so a segment with `[` or `]` matches neither. */
const segment = "[A-Za-z0-9\\-._~%!$&'()+,;:@=*]+"
const segments = "[A-Za-z0-9\\-._~%!$&'()+,;:@=*/]*"
const operators: Readonly<Record<string, string>> = { '{*}': segment, '{**}': segments, '*': segment, '**': segments }

/** One operator makes the whole path a template; stars beside it are operators too. */
export function pathMatch(value: string): StringMatch {
  if (!/\{\*\*?\}/.test(value)) return stringMatch(value)
  const expression = value
    .split('/')
    .map(each => own(operators, each) ?? quoted(each))
    .join('/')
  const template = new RegExp(`^${expression}$`)
  return path => template.test(path)
}
