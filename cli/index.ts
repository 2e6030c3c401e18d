#!/usr/bin/env node
import process from 'node:process'

/** What is imported needs a Node of today: an older one is told so before it reads any of it. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 12)) {
  const { run } = await import('./run.ts')
  const { processWorld } = await import('./world.ts')
  process.exitCode = await run(process.argv.slice(2), processWorld())
} else {
  console.error(`perdure needs Node 22.12 or later, and this is ${process.versions.node}`)
  process.exitCode = 2
}
