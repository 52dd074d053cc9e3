// The floor of a command line that reads YAML in Node: every file of a folder parsed with the YAML library, and nothing else.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

const [folder] = process.argv.slice(2)
for (const name of readdirSync(folder)) parseAllDocuments(readFileSync(join(folder, name), 'utf8'))
