// Which workloads the Certificates view shows and reads: by words of their names. In a large mesh this is the way to one that no page shows yet.
import { window } from 'vscode'
import type { Handler } from '../app.ts'

export const filterCertificates: Handler = async ({ certificates }) => {
  const { filter, ...rest } = certificates.shown
  const asked = await window.showInputBox({
    title: 'Filter Certificates',
    prompt: 'Parts of names: namespace, workload, service account',
    placeHolder: 'shop checkout',
    value: filter ?? '',
  })
  if (asked === undefined) return
  const words = asked.trim()
  certificates.show({ ...rest, ...(words ? { filter: words } : {}) })
}

export const clearCertificatesFilter: Handler = ({ certificates }) => {
  const { filter: _, ...rest } = certificates.shown
  certificates.show(rest)
}
