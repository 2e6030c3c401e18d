/** The dashboard in a real browser, on the real Workers: apart from `npm test`, which needs nothing that npm has not installed. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*.browser.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
  },
})
