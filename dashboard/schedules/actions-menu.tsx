import { useQueryClient } from '@tanstack/react-query'
import { ChevronDown, CirclePause, CirclePlay, History, Play, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ScheduleDescription } from '../../shared/schedule.ts'
import { changeSchedule, deleteSchedule } from '../api/schedules.ts'
import { Ask } from '../ui/ask.tsx'
import { textIn } from '../ui/form.ts'
import type { FormAction, FormField } from '../ui/form.ts'
import { ActionItem, ActionLine, ActionMenu } from '../ui/menu.tsx'
import { say } from '../ui/toast.tsx'

const NOTE: FormField = { name: 'note', label: 'Note', kind: 'text', hint: 'Stands beside the schedule' }

export function ScheduleActions({ schedule: { scheduleId, paused } }: { schedule: ScheduleDescription }) {
  const [action, setAction] = useState<FormAction | null>(null)
  const client = useQueryClient()
  const done = () => {
    if (action) say(`${action.title}: done`)
    setAction(null)
    void client.invalidateQueries()
  }
  return (
    <>
      <ActionMenu
        trigger={
          <button className="button" type="button" aria-label={`Actions of ${scheduleId}`}>
            Actions <ChevronDown aria-hidden />
          </button>
        }
      >
        <ActionItem icon={Play} label="Begin a run now…" onPick={() => setAction(trigger(scheduleId))} />
        {paused ? (
          <ActionItem
            icon={CirclePlay}
            label="Unpause…"
            onPick={() => setAction(pausing(scheduleId, 'unpause'))}
          />
        ) : (
          <ActionItem
            icon={CirclePause}
            label="Pause…"
            onPick={() => setAction(pausing(scheduleId, 'pause'))}
          />
        )}
        <ActionItem icon={History} label="Backfill…" onPick={() => setAction(backfill(scheduleId))} />
        <ActionLine />
        <ActionItem icon={Trash2} danger label="Delete…" onPick={() => setAction(deletion(scheduleId))} />
      </ActionMenu>
      {action && <Ask action={action} onClose={() => setAction(null)} onDone={done} />}
    </>
  )
}

function trigger(scheduleId: string): FormAction {
  return {
    title: 'Begin a run now',
    description: `Of ${scheduleId}, paused or not, as its policy for overlaps allows.`,
    verb: 'Begin it',
    fields: [],
    run: async () => await changeSchedule(scheduleId, 'trigger'),
  }
}

function pausing(scheduleId: string, verb: 'pause' | 'unpause'): FormAction {
  return {
    title: verb === 'pause' ? 'Pause' : 'Unpause',
    description: verb === 'pause' ? `${scheduleId} begins no runs.` : `${scheduleId} begins runs again.`,
    verb: verb === 'pause' ? 'Pause it' : 'Unpause it',
    fields: [NOTE],
    run: async (values) => await changeSchedule(scheduleId, verb, { note: textIn(values, 'note') }),
  }
}

function backfill(scheduleId: string): FormAction {
  return {
    title: 'Backfill',
    description: `Begins a run of ${scheduleId} for every time between the two.`,
    verb: 'Begin them',
    fields: [
      { name: 'from', label: 'From', kind: 'datetime-local', required: true },
      { name: 'to', label: 'To', kind: 'datetime-local', required: true },
    ],
    run: async (values) => {
      const range = { from: textIn(values, 'from'), to: textIn(values, 'to') }
      await changeSchedule(scheduleId, 'backfill', { ranges: [range] })
    },
  }
}

function deletion(scheduleId: string): FormAction {
  return {
    title: 'Delete the schedule',
    description: `${scheduleId} begins no more runs. Those that have begun go on.`,
    verb: 'Delete it',
    danger: true,
    fields: [],
    run: async () => await deleteSchedule(scheduleId),
  }
}
