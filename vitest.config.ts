import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'

// Local workerd's trace store makes everything several times slower; the tests' child processes inherit this.
process.env['X_LOCAL_OBSERVABILITY'] = 'false'

const inWorkerd = ['scheduler-do', 'activity-worker', 'archiver', 'conformance'].map(
  (room) => `test/${room}/**/*.test.ts`,
)
const endToEnd = ['test/e2e/**/*.test.ts']
/** What hangs hangs for ever; a busy machine does not. A slow one takes its time: this is no bound on how long a test may last. */
const PATIENCE_MS = 300_000
const patience = {
  testTimeout: PATIENCE_MS,
  hookTimeout: PATIENCE_MS,
  expect: { poll: { timeout: PATIENCE_MS } },
}
/** Vitest fails a run in which a line is logged just as its file ends, as engines do that go on for a moment. */
const disableConsoleIntercept = true

/** A service binding of the test Worker to itself. */
const self = (entrypoint: string) => ({ name: Symbol.for('miniflare.kCurrentWorker'), entrypoint })

/** What a new project calls by the package's name: the template's own tests run here as they do there. */
const entries = {
  'perdure/testing': resolve(import.meta.dirname, 'testing/index.ts'),
  perdure: resolve(import.meta.dirname, 'shared/index.ts'),
}

/** A simulated world has an archiver, whose entrypoint is the platform's. */
const archiverOnNode = {
  name: 'archiver-on-node',
  resolveId: (id: string, importer?: string) =>
    id === 'cloudflare:workers' && importer?.endsWith('/archiver/service.ts')
      ? resolve(import.meta.dirname, 'test/simulate/archive/workers.ts')
      : null,
}

export default defineConfig({
  test: {
    reporters: ['default', './scripts/slowest-files.ts'],
    sequence: { sequencer: LongestFirst },
    maxWorkers: 3, // tests wait as often as they work: two leave half of two cores idle
    projects: [
      {
        plugins: [archiverOnNode],
        resolve: { alias: entries },
        test: {
          name: 'node',
          disableConsoleIntercept,
          include: ['test/**/*.test.ts', '{cli/template,examples/tutorial}/test/*.test.ts'],
          exclude: [...inWorkerd, ...endToEnd],
          ...patience,
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
                EAGER_ACTIVITIES: self('Activities'),
                APART: self('Apart'),
              },
            },
          }),
        ],
        test: {
          name: 'workers',
          disableConsoleIntercept,
          include: inWorkerd,
          ...patience,
          isolate: false,
          setupFiles: ['./test/workers/fresh.ts'],
          sequence: { groupOrder: 1 }, // a file of another project in between would end the isolate they share
        },
      },
      {
        test: {
          name: 'e2e',
          disableConsoleIntercept,
          include: endToEnd,
          testTimeout: 2 * PATIENCE_MS,
          hookTimeout: 2 * PATIENCE_MS,
          fileParallelism: false,
          sequence: { groupOrder: 2 }, // a file at a time, after the other two
        },
      },
    ],
  },
})
