// Waiting for what another process will do, without guessing how long it takes.
import { setTimeout as delay } from 'node:timers/promises'

/** Asks again and again until the answer `holds`; throws with the last answer when it never does. */
export async function eventually<T>(what: string, ask: () => T | Promise<T>, holds: (answer: T) => boolean, seconds = 10): Promise<T> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain until ${what}. Last seen: ${JSON.stringify(answer)}`)
    await delay(25)
  }
}
