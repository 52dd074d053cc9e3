// The editor tabs with certificate pages, one for each pod or file.
import { InspectCertificate } from '../../../../server/src/protocol.ts'
import type { Server } from '../../server.ts'
import { LivePages, type PageKind } from '../livePages.ts'
import { inspectFile } from './file.ts'
import { follower } from './follow.ts'
import { certificatePage, type Inspection, loadingPage, pageCommands, problemPage, type Rotation } from './page.ts'
import { rotationOf } from './rotation.ts'
import { certificateAddress, isFile, keyOf, named, type PodOrFile, titleOf } from './subject.ts'

export type CertificatePages = LivePages<PodOrFile, Inspection>

export function certificatePages(server: Server): CertificatePages {
  /** The last one that was seen while a tab was open. */
  const rotations = new WeakMap<object, Rotation>()
  const ask: PageKind<PodOrFile, Inspection>['ask'] = (subject, token) =>
    isFile(subject) ? inspectFile(server, subject, token) : server.ask(client => client.sendRequest(InspectCertificate, subject, token))
  return new LivePages({
    viewType: 'istioSecurity.certificate',
    icon: 'lock',
    commands: pageCommands,
    address: certificateAddress,
    keyOf,
    titleOf: subject => `Certificate: ${titleOf(subject)}`,
    progressOf: subject => `Reading the certificate of ${titleOf(subject)}`,
    ask,
    loadingPage: (subject, nonce) => loadingPage(named(subject), nonce),
    page(inspection, nonce, tab) {
      const rotation = rotationOf(tab.shown, inspection) ?? rotations.get(tab)
      if (rotation) rotations.set(tab, rotation)
      return certificatePage(inspection, nonce, rotation)
    },
    problemPage: (subject, problem, nonce) => problemPage(named(subject), problem, nonce),
    follow: follower(ask),
  })
}
