/** How a run is, told by colour, picture and word. */
import {
  Ban,
  CircleCheck,
  CirclePause,
  CircleX,
  ClockAlert,
  LoaderCircle,
  OctagonX,
  Repeat,
} from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { RunStatus } from '../../shared/protocol.ts'

export type Tone = 'blue' | 'green' | 'red' | 'amber' | 'violet' | 'teal' | 'grey'

interface Look {
  readonly tone: Tone
  readonly icon: LucideIcon
  readonly label: string
}

export const STATUSES: Readonly<Record<RunStatus, Look>> = {
  running: { tone: 'blue', icon: LoaderCircle, label: 'Running' },
  paused: { tone: 'violet', icon: CirclePause, label: 'Paused' },
  completed: { tone: 'green', icon: CircleCheck, label: 'Completed' },
  failed: { tone: 'red', icon: CircleX, label: 'Failed' },
  cancelled: { tone: 'amber', icon: Ban, label: 'Cancelled' },
  terminated: { tone: 'grey', icon: OctagonX, label: 'Terminated' },
  timed_out: { tone: 'red', icon: ClockAlert, label: 'Timed out' },
  continued_as_new: { tone: 'teal', icon: Repeat, label: 'Continued' },
}

export function StatusBadge({ status }: { status: RunStatus }) {
  const { tone, icon: Icon, label } = STATUSES[status]
  return (
    <span className="badge" data-tone={tone}>
      <Icon aria-hidden />
      {label}
    </span>
  )
}
