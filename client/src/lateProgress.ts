// Progress of what takes its time, and silence about the rest.
import { type CancellationTokenSource, ProgressLocation, window } from 'vscode'

// Most answers arrive sooner, and a notification that flashes by only disturbs.
const msBeforeProgress = 700

/** A notification with a Cancel button. `work` never rejects. */
export function showLateProgress(title: string, work: Promise<unknown>, cancel: CancellationTokenSource): void {
  const timer = setTimeout(() => {
    void window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (_progress, token) => {
      token.onCancellationRequested(() => cancel.cancel())
      return work
    })
  }, msBeforeProgress)
  void work.then(() => clearTimeout(timer))
}
