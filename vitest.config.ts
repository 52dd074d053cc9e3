// The rings of tests: source alone, what dist/ holds, a real VS Code, a real API server. A later group starts when the one before has ended.
import { defineConfig } from 'vitest/config'

const never = ['**/node_modules/**', '**/data/**']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...never, 'test/built/**', 'test/vscode/**', 'test/cluster/**'],
          // Against hangs, not for speed: property tests take their time on a busy machine.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'built',
          include: ['test/built/**/*.test.ts'],
          exclude: never,
          testTimeout: 30_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'vscode',
          include: ['test/vscode/**/*.test.ts'],
          exclude: never,
          // One workbench at a time: two would starve each other on a small machine.
          fileParallelism: false,
          testTimeout: 120_000,
          // The first run installs VS Code and a browser.
          hookTimeout: 600_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          exclude: never,
          // A cluster a file; most of the time they wait.
          maxWorkers: 2,
          testTimeout: 120_000,
          // The first run builds etcd, the API server and kwok.
          hookTimeout: 2_400_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
