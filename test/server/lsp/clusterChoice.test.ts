// What a client hands back is whatever its memory holds: read as far as it makes sense.
import { expect, test } from 'vitest'
import { readClusterChoice } from '../../../server/src/lsp/clusterChoice.ts'
import type { ClusterChoice } from '../../../server/src/protocol.ts'

const prod = { context: 'prod' }
const stage = { context: 'stage', kubeconfig: '/home/ada/stage' }
const whole: ClusterChoice = { open: [prod, stage], judging: stage, namespaces: [{ ...prod, namespaces: ['shop'] }] }

test.for<[given: unknown, read: ClusterChoice | undefined]>([
  [whole, whole],
  [{ open: [] }, { open: [] }],
  [undefined, undefined],
  [null, undefined],
  ['prod', undefined],
  [{}, undefined],
  [{ open: 'prod', judging: 'prod', namespaces: 7 }, undefined],
  [
    { open: [prod, 7, null, {}, { context: '' }, { context: 7 }, { context: 'a', kubeconfig: 7, more: true }] },
    { open: [prod, { context: 'a' }] },
  ],
  [
    { namespaces: [{ ...prod, namespaces: ['a', 7, ''] }, { namespaces: ['a'] }, prod] },
    {
      namespaces: [
        { ...prod, namespaces: ['a'] },
        { ...prod, namespaces: [] },
      ],
    },
  ],
])('%o', ([given, read]) => {
  expect(readClusterChoice(given)).toEqual(read)
})
