import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

// Local workerd's trace store makes everything several times slower; the tests' child processes inherit this.
process.env['X_LOCAL_OBSERVABILITY'] = 'false'

const inWorkerd = ['scheduler-do', 'activity-worker', 'archiver', 'conformance'].map(
  (room) => `test/${room}/**/*.test.ts`,
)
const endToEnd = ['test/e2e/**/*.test.ts']
/** What hangs hangs for ever; a busy machine does not. */
const PATIENCE_MS = 30_000

/** A service binding of the test Worker to itself. */
const self = (entrypoint: string) => ({ name: Symbol.for('miniflare.kCurrentWorker'), entrypoint })

export default defineConfig({
  test: {
    reporters: ['default', './scripts/slowest-files.ts'],
    maxWorkers: 2, // by default one core is left idle: of two, half
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [...inWorkerd, ...endToEnd],
          testTimeout: PATIENCE_MS,
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: './test/workers/entry.ts',
            wrangler: { configPath: './test/workers/wrangler.toml' },
            miniflare: {
              serviceBindings: {
                WORKFLOWS: self('WorkflowService'),
                ARCHIVE_SERVICE: self('ArchiveService'),
              },
            },
          }),
        ],
        test: {
          name: 'workers',
          include: inWorkerd,
          testTimeout: PATIENCE_MS,
          isolate: false,
          setupFiles: ['./test/workers/fresh.ts'],
          sequence: { groupOrder: 1 }, // a file of another project in between would end the isolate they share
        },
      },
      {
        test: {
          name: 'e2e',
          include: endToEnd,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 }, // alone on the machine, after the other two
        },
      },
    ],
  },
})
