/** As the guide to replay tests shows it. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { renewal } from '../../examples/docs/versions.ts'
import { replayHistory } from '../../testing/index.ts'

test('a renewal from before the quote goes on with the code of today', async () => {
  const history = await readFile('examples/histories/renewal.jsonl', 'utf8')
  await expect(replayHistory(renewal, history)).resolves.toBeUndefined()
})
