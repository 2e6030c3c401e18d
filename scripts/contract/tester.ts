/** The property tester, in a Python of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { installPython } from '../interop/python.ts'

export interface Tester {
  test(origin: string, effort: Effort): Promise<Found>
}

interface Effort {
  /** Requests of each operation. */
  readonly examples: string
  /** Kinds of requests, separated by commas; absent: all of them. */
  readonly phases?: string | undefined
  readonly seconds?: string | undefined
  readonly seed: string
}

interface Found {
  readonly operations: number
  /** Operations of which some request was accepted. */
  readonly accepted: number
  readonly requests: number
  readonly failures: number
  /** For people. */
  readonly output: string
}

/** What test/e2e/workers/contract.wrangler.toml has. */
const TOKEN = 'the-token-of-this-test'

/** Of what is made up, by luck and by the time that takes: of no answer. */
const NO_FINDINGS = ['filter_too_much', 'too_slow']

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
]

/** Or why there is none. */
export function tester(root: string): Tester | string {
  const state = join(root, '.wrangler/contract')
  const python = installPython(root, state)
  const missing = python.missing('contract')
  if (missing !== null) return missing
  const command = join(dirname(python.interpreter), 'schemathesis')
  const hooks = join(root, 'test/interop/contract_hooks.py')
  return {
    test: async (origin, { examples, phases, seconds, seed }) => {
      const report = join(state, 'report.json')
      rmSync(report, { force: true }) // that of an earlier run would pass for one of this
      const output = await outputOf(command, { hooks, cwd: state }, [
        'run',
        `${origin}/openapi.json`,
        `--header=authorization: Bearer ${TOKEN}`,
        `--checks=${CHECKS.join()}`,
        `--suppress-health-check=${NO_FINDINGS.join()}`,
        `--max-examples=${examples}`,
        `--seed=${seed}`,
        ...(phases === undefined ? [] : [`--phases=${phases}`]),
        ...(seconds === undefined ? [] : [`--max-time=${seconds}`]),
        '--continue-on-failure',
        '--generation-database=none',
        '--no-color',
        '--report=json',
        `--report-json-path=${report}`,
      ])
      if (!existsSync(report)) throw new Error(`the tester has not run\n${output}`)
      return { ...totalsOf(JSON.parse(readFileSync(report, 'utf8')) as Report), output }
    },
  }
}

/** What it notes for itself stays in `cwd`. */
async function outputOf(
  command: string,
  { hooks, cwd }: { hooks: string; cwd: string },
  args: readonly string[],
): Promise<string> {
  const env = { ...process.env, SCHEMATHESIS_HOOKS: hooks }
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  await once(child, 'close')
  return output
}

/** What the tester reports, as far as it is read. */
interface Report {
  readonly operations: { readonly tested: number }
  readonly test_cases: { readonly generated: number }
  readonly failures: readonly unknown[]
  readonly errors: readonly unknown[]
  /** Of each operation, by phases. */
  readonly valid_rates: Readonly<Record<string, Readonly<Record<string, { readonly accepted: number }>>>>
}

function totalsOf({ operations, test_cases: cases, failures, errors, valid_rates: rates }: Report) {
  const isAccepted = (phases: Report['valid_rates'][string]) =>
    Object.values(phases).some(({ accepted }) => accepted > 0)
  return {
    operations: operations.tested,
    accepted: Object.values(rates).filter(isAccepted).length,
    requests: cases.generated,
    failures: failures.length + errors.length,
  }
}
