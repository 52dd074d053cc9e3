// Switches in the environment of istiod that change what policies come to.
// Source: istio/istio:pilot/pkg/features/ambient.go (registerAmbient), pkg/env/var.go (BoolVar).
import type { Labels } from '../istio/resources.ts'
import { controlPlanes, defaultControlPlane } from './controlPlanes.ts'
import type { IstiodSwitches, Mesh } from './mesh.ts'

const variables: Readonly<Record<keyof IstiodSwitches, string>> = {
  ambientDryRun: 'AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY',
  autoAllowWaypoint: 'PILOT_AUTO_ALLOW_WAYPOINT_POLICY',
}

/** As the Deployment of the default istiod sets them, else of the first; all off where none is known. */
export function readSwitches(mesh: Pick<Mesh, 'all'>): IstiodSwitches {
  const environment =
    defaultControlPlane(mesh)?.environment ??
    controlPlanes(mesh).find(each => each.environment)?.environment ??
    mesh.all('WorkloadOwner').find(({ discovery }) => discovery)?.discovery ??
    {}
  // Without ambient the others are ignored.
  const isOn = (variable: string) => isTrue(environment, 'PILOT_ENABLE_AMBIENT') && isTrue(environment, variable)
  return { ambientDryRun: isOn(variables.ambientDryRun), autoAllowWaypoint: isOn(variables.autoAllowWaypoint) }
}

/** Every value that Go's ParseBool reads as true. */
function isTrue(environment: Labels, variable: string): boolean {
  return /^(?:1|t|T|true|True|TRUE)$/.test(environment[variable] ?? '')
}
