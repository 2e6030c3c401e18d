/** Some of many runs, chosen by their ids: whoever chooses again from the same runs chooses the same ones. */
import murmurhash from 'murmurhash'

/** Of `runs`, in their order, the fraction `sample` (up to 1), or as many as `sample` says. */
export async function* sampled<R extends { readonly runId: string }>(
  runs: AsyncIterable<R>,
  sample: number,
): AsyncGenerator<R> {
  if (sample > 1) yield* await lowest(runs, sample)
  else for await (const run of runs) if (draw(run) < sample) yield run
}

interface Drawn<R> {
  readonly run: R
  readonly position: number
}

/** The `count` runs whose numbers are lowest: one that is added puts out one other at most. */
async function lowest<R extends { readonly runId: string }>(
  runs: AsyncIterable<R>,
  count: number,
): Promise<R[]> {
  let drawn: Drawn<R>[] = []
  let position = 0
  const best = (): Drawn<R>[] => drawn.toSorted((a, b) => draw(a.run) - draw(b.run)).slice(0, count)
  for await (const run of runs) {
    drawn.push({ run, position })
    position += 1
    if (drawn.length >= count * 2) drawn = best()
  }
  return best()
    .toSorted((a, b) => a.position - b.position)
    .map(({ run }) => run)
}

/** A seed of its own: shards are chosen by the hash of the workflow id, random numbers of a run begin from its run id. */
const SEED = 0x5eed

/** A number from [0, 1) that is the run's for good. */
function draw({ runId }: { readonly runId: string }): number {
  return murmurhash.v3(runId, SEED) / 2 ** 32
}
