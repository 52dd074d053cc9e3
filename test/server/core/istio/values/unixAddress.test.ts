import { expect, test } from 'vitest'
import { isUnixPath, unixPath } from '../../../../../server/src/core/istio/values/unixAddress.ts'

test.each([
  ['unix:///run/app.sock', '/run/app.sock'],
  ['unix://@app', '@app'],
  ['unix://', ''],
  ['unix:/run/app.sock', undefined],
  ['UNIX:///run', undefined],
])('%s names %s', (address, path) => expect(unixPath(address)).toBe(path))

test.each([
  ['/run/app.sock', true],
  ['@', true],
  ['', false],
  ['/', false],
  ['/run/', false],
  ['run/app.sock', false],
])('%j is a path: %s', (path, right) => expect(isUnixPath(path)).toBe(right))
