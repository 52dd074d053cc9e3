// What the title bar and the links of the certificate page do. They carry no argument: the page in front is meant.
import { env, window } from 'vscode'
import type { Handler } from '../app.ts'
import { identityOf, jsonOf, pemOf } from '../pages/certificate/copy.ts'
import type { Inspection } from '../pages/certificate/page.ts'

export const refreshCertificate: Handler = ({ certificatePages }) => certificatePages.refresh()

export const openCertificateText: Handler = ({ certificatePages }) => certificatePages.openText()

export const copyIdentity = copying('SPIFFE identity', identityOf)

export const copyCertificatePem = copying('Certificate chain', pemOf)

export const copyCertificateJson = copying('Certificates as JSON', jsonOf)

function copying(what: string, textOf: (shown: Inspection) => string | undefined): Handler {
  return ({ certificatePages: { shown } }) => copy(shown && textOf(shown), what)
}

async function copy(text: string | undefined, what: string): Promise<void> {
  if (text === undefined) {
    window.setStatusBarMessage(`${what}: there is none to copy.`, 3_000)
    return
  }
  await env.clipboard.writeText(text)
  window.setStatusBarMessage(`${what} copied.`, 3_000)
}
