// What a certificate page is about: a pod, or a file; how the page names it, and where its text twin stands.
import { Uri } from 'vscode'
import type { PodRef } from '../../../../server/src/protocol.ts'
import type { TextAddress } from '../liveTexts.ts'
import { podAddress, podKey } from '../podAddress.ts'
import { nameOf } from './file.ts'

export type PodOrFile = PodRef | Uri

export function isFile(subject: PodOrFile): subject is Uri {
  return subject instanceof Uri
}

export function titleOf(subject: PodOrFile): string {
  return isFile(subject) ? nameOf(subject) : subject.name
}

/** As the page names it. */
export function named(subject: PodOrFile): PodRef | string {
  return isFile(subject) ? nameOf(subject) : subject
}

export function keyOf(subject: PodOrFile): string {
  return isFile(subject) ? subject.toString() : podKey(subject)
}

const scheme = 'istio-security'
const ending = '.certificate.txt'
const ofPod = podAddress(scheme, ending)

/** Of a file with its own address as fragment. */
export const certificateAddress: TextAddress<PodOrFile> = {
  scheme,
  uriOf: subject =>
    isFile(subject) ? Uri.from({ scheme, path: `/${nameOf(subject)}${ending}`, fragment: subject.toString() }) : ofPod.uriOf(subject),
  subjectOf: uri => (uri.fragment ? Uri.parse(uri.fragment, true) : ofPod.subjectOf(uri)),
}
