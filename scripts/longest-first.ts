/** Vitest's order of files: those that take long come first, so that no worker is left with one when the others are done. */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** As scripts/slowest-files.ts tells. */
export const LONGEST = [
  'test/archiver/crash.test.ts',
  'test/conformance/payload-lost.test.ts',
  'test/scheduler-do/tier-list.test.ts',
  'test/conformance/chain-lost.test.ts',
  'test/simulate/coverage.test.ts',
  'test/conformance/concurrency-key-lost.test.ts',
  'test/conformance/calls-lost.test.ts',
  'test/conformance/turn-lost.test.ts',
  'test/scheduler-do/proposal.test.ts',
  'test/archiver/large-run.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const [long, others] = [[] as TestSpecification[], [] as TestSpecification[]]
    const sorted = await super.sort(files) // oxlint-disable-line unicorn/no-array-sort -- vitest's, which mutates nothing
    for (const file of sorted) (place(file) < 0 ? others : long).push(file)
    return [...long.toSorted((one, other) => place(one) - place(other)), ...others]
  }
}

function place({ moduleId }: TestSpecification): number {
  return LONGEST.findIndex((path) => moduleId.endsWith(`/${path}`))
}
