// Whether this Node can load the Kubernetes client: importing it under an older one throws, so this is asked first.
import type { ClusterProblem } from '../protocol.ts'

/** `@kubernetes/client-node` 2 stands on undici 8, which needs Node 22.19. */
export function runtimeProblem(version: string): ClusterProblem | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 19) ? undefined : { kind: 'old-runtime', version }
}
