// Istio's own test data with what istioctl prints for it. Third-party, so it is read from outside the repository.
import { expect, test } from 'vitest'
import { readCertificates } from '../../../../server/src/core/proxy/readCertificates.ts'
import { shared } from '../certificate/data.ts'

const now = '2026-11-21T12:00:00Z'
const ztunnel = shared('proxy/istio-testdata/ztunnel/dump.json')
const envoy = shared('proxy/istio-testdata/secret-istio/config_dump.json')
if (ztunnel === undefined || envoy === undefined) console.log('skipped: istioctl test data is not in ISTIO_SECURITY_SHARED')

// Not the times: in this dump they were edited by hand and contradict the certificates, which are what a peer looks at.
test.skipIf(ztunnel === undefined)('each certificate that istioctl prints for a ztunnel is there, with state and serial', () => {
  const rows = (shared('proxy/istio-testdata/ztunnel/secretsummary.txt') ?? '')
    .trim()
    .split('\n')
    .slice(1)
    .map(row => row.trim().split(/\s{2,}/))
  const printed = rows.map(([name, , state, , serial]) => [name, state, serial])
  const workloads = readCertificates(ztunnel ?? '', now).entries.filter(({ role }) => role === 'workload')
  const states = { active: 'Available', warming: 'Initializing', missing: 'Unavailable' }
  const ours = workloads.flatMap(({ name, state, chain }) =>
    (chain.length === 0 ? ['NA'] : chain.map(({ serial }) => serial)).map(serial => [name, states[state], serial]),
  )
  expect(ours).toEqual(printed)
})

test.skipIf(envoy === undefined)('each secret that istioctl prints for a sidecar is there, with serial and times', () => {
  const rows = (shared('proxy/istio-testdata/secret-istio/output.txt') ?? '')
    .trim()
    .split('\n')
    .slice(1)
    .map(row => row.trim().split(/\s{2,}/))
  const printed = rows.map(cells => (cells.includes('ACTIVE') ? [cells[0], ...cells.slice(-3)] : [cells[0]]))
  const ours = readCertificates(envoy ?? '', now).entries.map(({ name, chain: [first] }) =>
    first === undefined ? [name] : [name, first.serial, first.notAfter, first.notBefore],
  )
  expect(ours.sort()).toEqual(printed.sort())
})
