/** A row with a cell too many or too few is shown without what does not fit. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pages } from './blocks/pages.ts'

test.each(pages)('every row of the tables of %s has a cell for each column', (page) => {
  const lines = readFileSync(page, 'utf8')
    .replaceAll(/^ *```[^]*?^ *```$/gm, '')
    .split('\n')
  const wrong: string[] = []
  let columns = 0
  for (const line of lines) {
    if (!line.startsWith('|')) columns = 0
    else {
      const cells = line.split(/(?<!\\)\|/).slice(1, -1)
      columns ||= cells.length
      if (cells.length !== columns) wrong.push(line)
    }
  }
  expect(wrong).toEqual([])
})
