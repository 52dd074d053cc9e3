// Time that passes only when a test says so, with everything that becomes due on the way.
import type { Clock } from '../../../../server/src/cluster/clock.ts'

export class VirtualClock implements Clock {
  private time = Date.parse('2026-11-21T10:00:00Z')
  private readonly timers = new Set<{ readonly due: number; readonly run: () => void }>()

  now(): number {
    return this.time
  }

  random(): number {
    return 0.5
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { due: this.time + milliseconds, run }
    this.timers.add(timer)
    return () => this.timers.delete(timer)
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 30; turn++) await new Promise(resolve => setImmediate(resolve))
  }

  async pass(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds
    await this.settle()
    for (let next = this.next(until); next; next = this.next(until)) {
      this.timers.delete(next)
      this.time = next.due
      next.run()
      await this.settle()
    }
    this.time = until
  }

  get waiting(): number {
    return this.timers.size
  }

  private next(until: number) {
    return [...this.timers].filter(timer => timer.due <= until).sort((a, b) => a.due - b.due)[0]
  }
}
