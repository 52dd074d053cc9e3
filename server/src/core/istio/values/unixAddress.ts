// Addresses of Unix domain sockets. Source: istio/istio:pkg/config/validation/validation.go (ValidateUnixAddress).

const prefix = 'unix://'

/** The path in `unix:///run/app.sock` or `unix://@name`; undefined for an address of another form. */
export function unixPath(address: string): string | undefined {
  return address.startsWith(prefix) ? address.slice(prefix.length) : undefined
}

/** An absolute path to a file, or a name of the abstract namespace. */
export function isUnixPath(path: string): boolean {
  return path.startsWith('@') || (path.startsWith('/') && !path.endsWith('/'))
}
