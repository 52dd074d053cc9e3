// What the Certificates view groups by, remembered in the workspace.
import { window } from 'vscode'
import type { CertificateGrouping } from '../../../server/src/protocol.ts'
import type { Handler } from '../app.ts'
import { groupings } from '../views/certificates/view.ts'

export const groupCertificates: Handler = async ({ certificates }) => {
  const names = Object.keys(groupings) as readonly CertificateGrouping[]
  const items = names.map(name => ({
    label: groupings[name].title,
    description: certificates.shown.grouping === name ? `${groupings[name].detail} (now)` : groupings[name].detail,
    name,
  }))
  const picked = await window.showQuickPick(items, { title: 'Group Certificates' })
  if (picked) certificates.show({ ...certificates.shown, grouping: picked.name })
}
