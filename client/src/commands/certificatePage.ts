// What the title bar and the links of the certificate page do. They carry no argument: the page in front is meant.
import { env, window } from 'vscode'
import type { Handler } from '../app.ts'

export const refreshCertificate: Handler = ({ certificatePages }) => certificatePages.refresh()

export const openCertificateText: Handler = ({ certificatePages }) => certificatePages.openText()

export const copyIdentity: Handler = async ({ certificatePages }) => {
  await copy(certificatePages.identity(), 'SPIFFE identity')
}

export const copyCertificatePem: Handler = async ({ certificatePages }) => {
  await copy(certificatePages.pem(), 'Certificate chain')
}

async function copy(text: string | undefined, what: string): Promise<void> {
  if (text === undefined) {
    window.setStatusBarMessage(`${what}: there is none to copy.`, 3_000)
    return
  }
  await env.clipboard.writeText(text)
  window.setStatusBarMessage(`${what} copied.`, 3_000)
}
