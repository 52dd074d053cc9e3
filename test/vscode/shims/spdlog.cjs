// Stand-in for @vscode/spdlog, whose native part is not built because nothing is compiled at install.
// Without it VS Code runs, but every log file and so every Output channel stays empty.
const { appendFileSync, mkdirSync } = require('node:fs')
const { dirname } = require('node:path')

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off']
let defaultLevel = LEVELS.indexOf('info')

class Logger {
  constructor(filename) {
    this.filename = filename
    this.level = defaultLevel
    this.raw = false
    mkdirSync(dirname(filename), { recursive: true })
  }

  write(level, message) {
    if (level < this.level) return
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '')
    const line = this.raw ? message : `${time} [${LEVELS[level]}] ${message}\n`
    try {
      appendFileSync(this.filename, line)
    } catch {
      // The profile folder is being removed: nobody will read this log.
    }
  }

  trace(message) {
    this.write(0, message)
  }
  debug(message) {
    this.write(1, message)
  }
  info(message) {
    this.write(2, message)
  }
  warn(message) {
    this.write(3, message)
  }
  error(message) {
    this.write(4, message)
  }
  critical(message) {
    this.write(5, message)
  }
  getLevel() {
    return this.level
  }
  setLevel(level) {
    this.level = level
  }
  setPattern() {
    this.raw = false
  }
  clearFormatters() {
    this.raw = true
  }
  flush() {}
  drop() {}
}

exports.version = 0
exports.Logger = Logger
exports.setFlushOn = () => {}
exports.setLevel = level => {
  defaultLevel = level
}
exports.createRotatingLogger = async (_name, filename) => new Logger(filename)
exports.createAsyncRotatingLogger = exports.createRotatingLogger
