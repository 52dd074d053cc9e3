// Which files of a Helm chart are data for its templates.

const data = /\/(?:Chart\.ya?ml|values(?:[._-][^/]*)?\.ya?ml)$/

/** `Chart.yaml`, `values.yaml`, `values-prod.yaml`: no objects of a cluster, whatever they look like. */
export function isChartData(uri: string): boolean {
  return data.test(uri)
}
