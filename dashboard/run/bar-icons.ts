import { AlarmClock, Footprints, GitFork, Mail, RadioTower, RefreshCcwDot, Zap } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { BarKind } from './bars.ts'

export const BAR_ICONS: Readonly<Record<BarKind, LucideIcon>> = {
  activity: Zap,
  step: Footprints,
  timer: AlarmClock,
  signal: RadioTower,
  update: RefreshCcwDot,
  child: GitFork,
  message: Mail,
}
