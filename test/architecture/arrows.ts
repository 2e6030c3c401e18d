import { importsOf, type Finding, type Source } from './sources.ts'

interface Arrow {
  readonly rule: string
  forbids(from: string, to: string): boolean
}

const workers = ['scheduler-do', 'activity-worker', 'archiver']
const leafFolders = ['examples', 'bench', 'docs', 'cli', 'dashboard', 'test']
const leafFiles = [
  'base64',
  'duration',
  'encoded',
  'error-code',
  'errors',
  'names',
  'payload',
  'reference',
  'trail',
].map((name) => `shared/${name}.ts`)
/** What workflow authors write with; replay makes it work. */
const authoring = [
  'activity',
  'attributes',
  'child',
  'context',
  'define',
  'message',
  'register',
  'retry-policy',
  'trace',
  'workflow',
].map((name) => `shared/${name}.ts`)
const edges = [
  'scheduler-do/index.ts',
  'scheduler-do/hosted.ts',
  'scheduler-do/platform.ts',
  'activity-worker/entrypoint.ts',
  'archiver/index.ts',
  'archiver/service.ts',
]

const commandLibraries = [
  '@bomb.sh/tab',
  '@commander-js/extra-typings',
  'cli-progress',
  'cli-table3',
  'commander',
]

const arrows: Arrow[] = [
  {
    rule: 'only shared/index.ts may import a Worker below shared/',
    forbids: (from, to) => within(from, 'shared') && from !== 'shared/index.ts' && within(to, ...workers),
  },
  {
    rule: 'shared/core/ imports only itself and the leaf files',
    forbids: (from, to) => within(from, 'shared/core') && !within(to, 'shared/core', ...leafFiles),
  },
  {
    rule: 'shared/replay/ imports only itself, core/, what authors write with and the leaf files',
    forbids: (from, to) =>
      within(from, 'shared/replay') &&
      !within(to, 'shared/replay', 'shared/core', ...authoring, ...leafFiles),
  },
  {
    rule: 'testing/ is for tests: only they, examples and the command import it',
    forbids: (from, to) => within(to, 'testing') && !within(from, 'testing', 'test', 'examples', 'cli'),
  },
  {
    rule: 'testing/ imports the scheduler, the activity Worker and shared/, not their edges',
    forbids: (from, to) => within(from, 'testing') && within(to, 'archiver', ...edges),
  },
  {
    rule: 'the leaf files import no other file of the project than each other',
    forbids: (from, to) =>
      within(from, ...leafFiles) && within(to, 'shared', ...workers) && !within(to, ...leafFiles),
  },
  {
    rule: 'no arrow between the three Workers',
    forbids: (from, to) =>
      workers.some((room) => within(from, room) && within(to, ...workers) && !within(to, room)),
  },
  {
    rule: 'only scheduler-do/store/ and scheduler-do/schema.ts import drizzle-orm',
    forbids: (from, to) =>
      within(to, 'drizzle-orm') &&
      !within(from, 'scheduler-do/store', 'scheduler-do/schema.ts', 'test/scheduler-do'),
  },
  {
    rule: 'only archiver/ imports apache-arrow and parquet-wasm',
    forbids: (from, to) =>
      within(to, 'apache-arrow', 'parquet-wasm') && !within(from, 'archiver', 'test/archiver'),
  },
  {
    rule: "only cli/ imports the command's own libraries: no Worker carries them",
    forbids: (from, to) => within(to, ...commandLibraries) && !within(from, 'cli', 'test/cli', 'test/docs'),
  },
  {
    rule: "only a Worker's edge imports cloudflare:*",
    forbids: (from, to) =>
      to.startsWith('cloudflare:') && !within(from, ...edges, 'examples', 'bench/workers', 'test'),
  },
  {
    rule: 'no platform import below shared/',
    forbids: (from, to) => to.startsWith('node:') && within(from, 'shared'),
  },
  {
    rule: 'dashboard/ runs in browsers: of the project it imports shared/',
    forbids: (from, to) =>
      within(from, 'dashboard') && within(to, ...workers, 'testing', 'scripts', 'cli', 'bench', 'examples'),
  },
  {
    rule: 'examples, bench, docs, cli, dashboard and test are imported by nobody outside (tests import examples and the room they test, those of documents what documents show; the demo reads its tables, and the browser has SQL, as the command does)',
    forbids: (from, to) =>
      leafFolders.some(
        (leaf) =>
          within(to, leaf) &&
          !within(from, leaf, `test/${leaf}`, 'test/docs') &&
          !(leaf === 'examples' && within(from, 'test')) &&
          !(within(to, 'cli/sql', 'cli/server.ts') && within(from, 'examples/orders/node', 'test/browser')),
      ),
  },
]

/** Imports that go against the arrows of the design. */
export function brokenArrows(source: Source): Finding[] {
  return importsOf(source).flatMap(({ target, line }) =>
    arrows
      .filter((arrow) => arrow.forbids(source.path, target))
      .map(({ rule }) => ({ path: source.path, line, rule: `${rule}, not ${target}` })),
  )
}

/** Imports between rooms that lead back to the room they left. */
export function roomCycles(sources: readonly Source[]): Finding[] {
  const crossings = sources.flatMap((source) =>
    importsOf(source)
      .map(({ target, line }) => ({ path: source.path, line, from: roomOf(source.path), to: roomOf(target) }))
      .filter(({ from, to }) => from !== to),
  )
  const next = Map.groupBy(crossings, ({ from }) => from)
  const reaches = (from: string, goal: string, seen = new Set<string>()): boolean => {
    if (from === goal) return true
    if (seen.has(from)) return false
    seen.add(from)
    return (next.get(from) ?? []).some(({ to }) => reaches(to, goal, seen))
  }
  return crossings
    .filter(({ from, to }) => reaches(to, from))
    .map(({ path, line, from, to }) => ({ path, line, rule: `${from} and ${to} import each other` }))
}

/** The leaf files and the package entry are rooms of their own among the files directly in shared/. */
function roomOf(path: string): string {
  if (path === 'shared/index.ts') return path
  if (within(path, ...leafFiles)) return "shared's leaf files"
  return /^shared\/[^/]+(?=\/)/.exec(path)?.[0] ?? path.replace(/\/.*$/, '')
}

function within(path: string, ...roots: string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}/`))
}
