/** What can be done with a run: each as a form, what it sends, and when it is of use. */
import type { RunDescription } from '../../shared/description.ts'
import type { Payload } from '../../shared/payload.ts'
import { changeRun, queryRun, resetRun, signalRun, updateRun } from '../api/runs.ts'
import type { RunRef } from '../api/shapes.ts'
import { textIn } from '../ui/form.ts'
import type { FormAction, FormField, FormValues } from '../ui/form.ts'

const REASON: FormField = { name: 'reason', label: 'Reason', kind: 'text', hint: 'Stands in the history' }
const ARGS: FormField = {
  name: 'args',
  label: 'Arguments',
  kind: 'json',
  hint: 'A JSON array, one element an argument; empty: none',
}

export function signalAction(run: RunDescription, received: readonly string[]): FormAction {
  const awaited = run.waitingFor.filter(({ kind }) => kind === 'signal').map(({ name }) => name)
  return {
    title: 'Signal',
    description: `Sends a message to ${run.workflowId}, which need not wait for it.`,
    verb: 'Send',
    fields: [
      nameField([...new Set([...awaited, ...received])], awaited[0]),
      { name: 'payload', label: 'Payload', kind: 'json', hint: 'JSON; empty: none' },
    ],
    run: async (values) => await signalRun(refOf(run), textIn(values, 'name'), values['payload']),
  }
}

export function queryAction(run: RunDescription): FormAction {
  return {
    title: 'Query',
    description: 'Asks the code of the run, which changes nothing. A run that has ended is replayed for it.',
    verb: 'Ask',
    fields: [nameField([]), ARGS],
    run: async (values) => (await queryRun(refOf(run), textIn(values, 'name'), listOf(values))) ?? null,
  }
}

export function updateAction(run: RunDescription): FormAction {
  return {
    title: 'Update',
    description: 'Changes the run by a handler of its code, and waits for what it answers.',
    verb: 'Send',
    fields: [nameField([]), ARGS],
    run: async (values) => await updateRun(refOf(run), textIn(values, 'name'), listOf(values)),
  }
}

export function cancelAction(run: RunDescription): FormAction {
  return {
    title: 'Cancel',
    description: 'Asks the run to end. Its code hears of it and may clean up first.',
    verb: 'Cancel the run',
    danger: true,
    fields: [REASON],
    run: async (values) => await changeRun(refOf(run), 'cancel', reasonIn(values)),
  }
}

export function terminateAction(run: RunDescription): FormAction {
  return {
    title: 'Terminate',
    description: 'Ends the run at once. Its code hears nothing of it, and nothing is cleaned up.',
    verb: 'Terminate the run',
    danger: true,
    fields: [REASON],
    run: async (values) => await changeRun(refOf(run), 'terminate', reasonIn(values)),
  }
}

export function pauseAction(run: RunDescription): FormAction {
  return {
    title: 'Pause',
    description: 'Nothing more is handed to the code of the run until it is resumed. Time goes on.',
    verb: 'Pause the run',
    fields: [REASON],
    run: async (values) => await changeRun(refOf(run), 'pause', reasonIn(values)),
  }
}

/** `eventId` is the last one that is kept. */
export function resetAction(run: RunDescription, eventId: number): FormAction {
  return {
    title: 'Reset',
    description:
      'A new run takes over from there, with the code that is deployed now. This one ends, if it is open.',
    verb: 'Reset the run',
    danger: true,
    fields: [
      { name: 'toEvent', label: 'Last event kept', kind: 'number', required: true, initial: String(eventId) },
      { ...REASON, required: true },
    ],
    run: async (values) =>
      await resetRun(refOf(run), { toEvent: Number(values['toEvent']), reason: textIn(values, 'reason') }),
  }
}

function nameField(suggestions: readonly string[], initial?: string): FormField {
  return {
    name: 'name',
    label: 'Name',
    kind: 'text',
    required: true,
    suggestions,
    ...(initial && { initial }),
  }
}

function refOf({ workflowId, runId }: RunDescription): RunRef {
  return { workflowId, runId }
}

function listOf({ args }: FormValues): Payload[] {
  if (args === undefined) return []
  return Array.isArray(args) ? args : [args]
}

function reasonIn(values: FormValues): string | undefined {
  return textIn(values, 'reason') || undefined
}
