import { expect, test, vi } from 'vitest'

const editor = vi.hoisted(() => ({ focus: (_: { focused: boolean }) => {} }))
vi.mock('vscode', () => ({
  window: {
    state: { focused: true },
    onDidChangeWindowState: (listener: typeof editor.focus) => {
      editor.focus = listener
    },
  },
}))
const { resumeOnFocus } = await import('../../client/src/resume.ts')

test('who comes back after a while resumes, who only looked aside does not', () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00Z') })
  const resume = vi.fn()
  resumeOnFocus({ resume })
  const awayFor = (milliseconds: number) => {
    editor.focus({ focused: false })
    vi.advanceTimersByTime(milliseconds)
    editor.focus({ focused: true })
  }
  awayFor(5_000)
  // Told twice of the same.
  editor.focus({ focused: true })
  expect(resume).toHaveBeenCalledTimes(0)
  awayFor(60_000)
  expect(resume).toHaveBeenCalledTimes(1)
  awayFor(1_000)
  expect(resume).toHaveBeenCalledTimes(1)
  vi.useRealTimers()
})
