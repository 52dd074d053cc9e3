// What the row of a cluster tells of its mesh as a whole, a line each.
import { perMesh } from '../../decide/perMesh.ts'
import { meshFacts } from '../meshFacts.ts'
import { factRows } from '../meshFactsText.ts'

/** `Trust domain: cluster.local`, and what is worth a look. */
export const clusterFacts = perMesh((mesh): readonly string[] => {
  const facts = meshFacts(mesh)
  return [...factRows(facts).map(([name, value]) => `${name}: ${value}`), ...facts.notes]
})
