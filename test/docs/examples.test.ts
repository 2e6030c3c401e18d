/** The examples of the documents: each is code that evaluates, and a document shows it. */
import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { blocksIn, pages } from './blocks/pages.ts'

test('every example of the documents evaluates, and is shown somewhere', async () => {
  const shown = new Set(pages.flatMap(blocksIn).map(({ file }) => file))
  for (const name of readdirSync('examples/docs')) {
    expect(shown).toContain(`examples/docs/${name}`)
    const subject = name.replace(/\.ts$/, '')
    expect(Object.keys(await import(`../../examples/docs/${subject}.ts`))).not.toEqual([])
  }
})
