// A file with certificates, or a saved dump of a proxy, as the certificate page shows it. No cluster is asked.
import type { Answer, FileInspection, FileToInspect } from '../protocol.ts'

export async function inspectFile({ name, base64 }: FileToInspect): Promise<Answer<FileInspection>> {
  // The decoder and the words for it are chunks of their own, loaded with the first certificate.
  const [{ readCertificates }, { certificateText }] = await Promise.all([
    import('../core/proxy/readCertificates.ts'),
    import('../core/report/certificate.ts'),
  ])
  const readAt = new Date().toISOString()
  const read = readCertificates(Buffer.from(base64, 'base64'), readAt, name)
  // When a dump was saved is not known: its proxy may have renewed the certificate since.
  const report = { ...read, problems: read.problems.filter(({ id }) => id !== 'certificate-renewal-due') }
  return { ok: true, value: { file: name, readAt, facts: [], report, text: certificateText(report, readAt) } }
}
