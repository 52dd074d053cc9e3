// Values that something else fills in later: nothing is said of them and nothing is concluded from them.

/** Longer than any value that somebody writes by hand; what it is cannot be known cheaply. */
const longest = 1000

const anywhere = /\$\{[^}]*\}|\$\([^)]*\)|<<__.*?__>>|<[^<>\s]+>|\{\{.*?\}\}|\{%.*?%\}|\$[A-Za-z_]\w*/
const whole = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/

/** `${X}`, `$X`, `$(X)`, `<X>`, `<<__x__>>`, a template expression, or UPPER_SNAKE as a whole part of an identity. */
export function isPlaceholder(text: string): boolean {
  return text.length > longest || anywhere.test(text) || text.split('/').some(part => whole.test(part))
}
