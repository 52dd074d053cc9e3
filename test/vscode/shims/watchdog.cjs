// Stand-in for the native part of @vscode/native-watchdog: ends this process when its parent is gone.
exports.start = parent => {
  setInterval(() => {
    try {
      process.kill(parent, 0)
    } catch {
      process.exit(87)
    }
  }, 1000).unref()
}
exports.exit = code => process.exit(code)
