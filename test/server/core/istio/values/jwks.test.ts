import { expect, test } from 'vitest'
import { parseJwks } from '../../../../../server/src/core/istio/values/jwks.ts'

const rsa = '"kty":"RSA","e":"AQAB","n":"AQAB"'
const ec = '"kty":"EC","crv":"P-256","x":"AQAB","y":"AQAB"'

/** What Istio's library takes, recorded from it. */
test.each([
  ['{"keys":[]}', []],
  ['{"keys":null}', []],
  [`{${rsa}}`, [false]],
  [` {"a":1,"keys":[{${rsa}},{${ec}}],"keys":[{${ec},"d":"AQAB"}]} and more`, [false, false, true]],
  ['{"kty":"OKP","crv":"Ed25519","x":"AQAB","d":null}', [true]],
  ['{"kty":"oct","k":""}', [true]],
  ['{"KTY":"RSA","e":"AQAB","n":null,"kid":null,"foo":{}}', [false]],
  ['{"kty":"EC","crv":"P-999","x":"AA==","y":"+/+/"}', [false]],
  [`{${rsa},"d":"AQAB","p":"AQAB"}`, [true]],
  [`{${rsa},"key_ops":["verify"],"x5c":["MIIB"]}`, [false]],
])('reads %s', (text, secret) => expect(parseJwks(text)).toMatchObject({ keys: secret.map(each => ({ secret: each })) }))

test.each([
  ['not json', 'this is not JSON'],
  ['', 'this is not JSON'],
  ['{"keys":[]', 'this is not JSON'],
  ['{"keys":[],}', 'this is not JSON'],
  ['{"a":1e999,"keys":[]}', 'this is not JSON'],
  [`${'['.repeat(100_000)}`, 'this is not JSON'],
  ['[]', 'a JSON object'],
  ['null', 'a JSON object'],
  ['{"keys":{}}', '"keys" is no list'],
  ['{"keys":[1]}', 'key 1 is no JSON object'],
  ['{}', 'the key has no type ("kty")'],
  ['{"kty":5}', 'the key has no type ("kty")'],
  [`{"keys":[{${rsa}},{"kty":"XYZ"}]}`, 'key 2 is of the type "XYZ"'],
  ['{"kty":"constructor"}', 'is of the type "constructor"'],
  [`{${rsa},"kty":null}`, '"kty" of the key is not the same everywhere'],
  ['{"kty":"RSA","n":"AQAB"}', 'the key has no "e"'],
  [`{${rsa},"D":"AQAB"}`, 'the key has no "d"'],
  ['{"kty":"RSA","n":"!!!","e":"AQAB"}', '"n" of the key is not base64url'],
  ['{"kty":"RSA","n":"A","e":"AQAB"}', '"n" of the key is not base64url'],
  ['{"kty":"RSA","n":"+-","e":"AQAB"}', '"n" of the key is not base64url'],
  ['{"kty":"RSA","n":"AA=","e":"AQAB"}', '"n" of the key is not base64url'],
  [`{${rsa},"kid":5}`, '"kid" of the key is no text'],
  [`{${rsa},"key_ops":"verify"}`, '"key_ops" of the key is no list of texts'],
  [`{${rsa},"x5c":["AQAB"]}`, '"x5c" of the key is no list of certificates'],
])('refuses %s', (text, reason) => expect(parseJwks(text)).toMatchObject({ unreadable: expect.stringContaining(reason) }))
