// Runs one live command of the demo that shows this workspace: node .vscode/demo.mjs add-pod
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const state = process.env.ISTIO_SECURITY_DEMO
if (state) await import(pathToFileURL(JSON.parse(readFileSync(state, 'utf8')).program))
else console.error('No demo runs behind this window. Start it, and open this folder from there.')
