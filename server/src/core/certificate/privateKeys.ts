// Takes private keys out of text that is going to be read for something else: a dump whose errors quote a file, a log line.

const block =
  /-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY)-----(?:[A-Za-z0-9+/=\s:,]|\\[nrtu\\/]|-(?!----))*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?/g

/** Base64 of text that starts with a PEM block, whatever stands in it. */
const encoded = /LS0tLS1CRUdJTi[A-Za-z0-9+/=_-]+/g

/** The text with empty PEM blocks in the place of private keys, also where a PEM text stands in it as base64. JSON stays JSON. */
export function withoutPrivateKeys(text: string): string {
  return withoutBlocks(text).replace(encoded, base64 => {
    const bytes = Buffer.from(base64, 'base64')
    return bytes.includes('PRIVATE KEY-----') ? Buffer.from(withoutBlocks(bytes.toString('utf8'))).toString('base64') : base64
  })
}

function withoutBlocks(text: string): string {
  return text.includes('PRIVATE KEY-----') ? text.replace(block, '-----BEGIN $1----------END $1-----') : text
}
