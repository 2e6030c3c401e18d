/** What is in test/histories: a header and one event a line. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processOrder, reserveLines } from '../../examples/orders/workflows.ts'
import type { HistoryEvent } from '../../shared/core/events.ts'
import type { AnyWorkflow } from '../../shared/replay/coroutine.ts'
import { continuing } from './continuing.ts'
import { drawing } from './drawing.ts'
import { everything } from './everything.ts'
import { messaging } from './messaging.ts'
import { interpreter } from './programs.ts'
import { scheduled } from './scheduled.ts'
import { startRace } from './start-race.ts'
import { stoppedSteps } from './stopped-steps.ts'

const folder = join(import.meta.dirname, '../histories')
const definitions = [
  processOrder,
  reserveLines,
  interpreter,
  drawing,
  everything,
  stoppedSteps,
  startRace,
  messaging,
  continuing,
  scheduled,
]

export const names = readdirSync(folder)

interface Header {
  workflow: string
  workflowId: string
  runId: string
}

export function textOf(name: string): string {
  return readFileSync(join(folder, name), 'utf8')
}

export function recorded(name: string): { header: Header; history: HistoryEvent[] } {
  const [header, ...history] = textOf(name)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  return { header: header as Header, history: history as HistoryEvent[] } // as they were recorded
}

export function definitionOf({ workflow }: Header): AnyWorkflow {
  return definitions.find((one) => one.name === workflow)!
}
