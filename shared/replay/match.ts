/** Whether the code asks for what history recorded, and how to say what either was. */
import type { Command } from '../core/decide.ts'
import type { CommandEvent } from '../core/events.ts'

/**
 * Compared are kind, number and name: what decides which outcome belongs to which call. Inputs and options may
 * change between deploys without harm, since the recorded ones are what was done.
 */
export function sameCommand(recorded: CommandEvent, asked: Command): boolean {
  if (recorded.type !== asked.type) return endRefused(recorded, asked)
  return seqOf(recorded) === seqOf(asked) && nameOf(recorded) === nameOf(asked)
}

/** An end that could not be had as it was asked for was recorded as the failure of the run, or of the update. */
function endRefused(recorded: CommandEvent, asked: Command): boolean {
  if (!('error' in recorded)) return false
  const { code } = recorded.error
  if (recorded.type === 'update_failed')
    return (
      code === 'payload_too_large' &&
      asked.type === 'update_completed' &&
      recorded.updateId === asked.updateId
    )
  if (recorded.type !== 'workflow_failed') return false
  if (asked.type === 'workflow_completed') return code === 'payload_too_large'
  return asked.type === 'workflow_continued_as_new' && CONTINUE_REFUSED.has(code)
}

const CONTINUE_REFUSED: ReadonlySet<string> = new Set([
  'payload_too_large',
  'unknown_task_queue',
  'invalid_argument',
])

/** As a person would say it: `activity_scheduled reserveInventory (call 3)`. */
export function describeCommand(command: CommandEvent | Command): string {
  const name = nameOf(command)
  const seq = seqOf(command)
  return [command.type, name, seq === undefined ? undefined : `(call ${seq})`]
    .filter((part) => part !== undefined)
    .join(' ')
}

function seqOf(command: CommandEvent | Command): number | undefined {
  return 'seq' in command ? command.seq : undefined
}

function nameOf(command: CommandEvent | Command): string | undefined {
  switch (command.type) {
    case 'activity_scheduled':
      return command.activityType
    case 'step_scheduled':
    case 'external_signal_requested':
      return command.name
    case 'child_requested':
      return `${command.workflowType} ${command.workflowId}`
    case 'external_cancel_requested':
      return command.workflowId
    case 'update_completed':
    case 'update_failed':
      return command.updateId
    case 'patch_recorded':
      return command.patchId
    default:
      return undefined
  }
}
