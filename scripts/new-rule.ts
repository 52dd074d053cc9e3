// `npm run new-rule <folder>/<id>`: a rule and its fixture, ready to be filled in, and everything generated from them.
import { existsSync, writeFileSync } from 'node:fs'

const [path = ''] = process.argv.slice(2)
const [folder = '', id = ''] = path.split('/')
const rule = `server/src/core/rules/${folder}/${id}.ts`
const fixture = `test/fixtures/rules/${id}.yaml`

if (!/^[a-z0-9]+(-[a-z0-9]+)+$/.test(id))
  fail('Name the folder and the rule, in at least two words: "authorizationPolicy/unknown-service-account".')
else if (existsSync(rule) || existsSync(fixture)) fail(`The rule "${id}" exists already.`)
else {
  const example = `apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: mistaken, namespace: shop }
spec: {}
`
  writeFileSync(
    rule,
    `import { problem, type Rule } from '../rule.ts'

export default {
  id: '${id}',
  on: 'PeerAuthentication',
  severity: 'warning',
  istio: 'accepts',
  summary: 'What is wrong, in one sentence.',
  why: 'What follows from it.',
  codes: [],
  bad: \`
${example}\`,
  good: \`
${example.replace('mistaken', 'right')}\`,

  *check(policy) {
    if (policy.name === 'mistaken') yield problem(policy.at.name ?? policy.at.kind, 'What, why, what now.')
  },
} satisfies Rule<'PeerAuthentication'>
`,
  )
  writeFileSync(fixture, example.replace('spec', `#                 ^^^^^^^^ ${id}: What, why, what now.\nspec`))
  await import('./generate.ts')
  process.stdout.write(`Wrote ${rule} and ${fixture}. Fill them in, then: npm test -- rules\n`)
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
