import {
  Ban,
  ChevronDown,
  CirclePause,
  CirclePlay,
  Download,
  History,
  MessageCircleQuestion,
  OctagonX,
  RadioTower,
  RefreshCcwDot,
  RotateCcw,
} from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import { useState } from 'react'
import type { RunDescription } from '../../shared/description.ts'
import { isOpen } from '../../shared/protocol.ts'
import { changeRun } from '../api/runs.ts'
import { Ask } from '../ui/ask.tsx'
import type { FormAction } from '../ui/form.ts'
import { ActionItem, ActionLine, ActionMenu } from '../ui/menu.tsx'
import { complain, say } from '../ui/toast.tsx'
import * as actions from './actions.ts'
import { useRefresh } from './data.ts'
import { downloadHistory } from './download.ts'
import { replayAction } from './replay.tsx'

export function RunActions({ run }: { run: RunDescription }) {
  const [action, setAction] = useState<FormAction | null>(null)
  const refresh = useRefresh(run)
  const end = () => {
    setAction(null)
    refresh()
  }
  const done = () => {
    if (action) say(`${action.title}: done`)
    end()
  }
  return (
    <>
      <button
        className="button"
        type="button"
        disabled={!isOpen(run.status)}
        onClick={() => setAction(actions.signalAction(run, []))}
      >
        <RadioTower aria-hidden /> Signal
      </button>
      <ActionMenu
        trigger={
          <button className="button" data-look="primary" type="button">
            Actions <ChevronDown aria-hidden />
          </button>
        }
      >
        <Items run={run} onPick={setAction} refresh={refresh} />
      </ActionMenu>
      {action && <Ask action={action} onClose={end} onDone={done} />}
    </>
  )
}

interface ItemsProps {
  run: RunDescription
  onPick: (action: FormAction) => void
  refresh: () => void
}

function Items({ run, onPick, refresh }: ItemsProps) {
  const listed = (action: FormAction, icon: LucideIcon, always = false) => (
    <ActionItem
      label={`${action.title}…`}
      icon={icon}
      danger={action.danger ?? false}
      disabled={!always && !isOpen(run.status)}
      onPick={() => onPick(action)}
    />
  )
  return (
    <>
      {listed(actions.queryAction(run), MessageCircleQuestion, true)}
      {listed(actions.updateAction(run), RefreshCcwDot)}
      <ActionLine />
      {run.status === 'paused' ? (
        <ActionItem label="Resume" icon={CirclePlay} onPick={() => void resume(run, refresh)} />
      ) : (
        listed(actions.pauseAction(run), CirclePause)
      )}
      {listed(actions.resetAction(run, run.historyEvents), RotateCcw, true)}
      {listed(replayAction(run), History, true)}
      <ActionItem label="Download history" icon={Download} onPick={() => void download(run)} />
      <ActionLine />
      {listed(actions.cancelAction(run), Ban)}
      {listed(actions.terminateAction(run), OctagonX)}
    </>
  )
}

async function resume({ workflowId, runId }: RunDescription, refresh: () => void): Promise<void> {
  try {
    await changeRun({ workflowId, runId }, 'resume')
    say('Resume: done')
    refresh()
  } catch (error) {
    complain('Resume failed', asError(error))
  }
}

async function download(run: RunDescription): Promise<void> {
  try {
    await downloadHistory(run)
  } catch (error) {
    complain('Download failed', asError(error))
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
