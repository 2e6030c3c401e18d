/** Every route of the HTTP API, by its subject. A path without parameters stands before those that it would match. */
import { activityRoutes } from './activities.ts'
import { callRoutes } from './calls.ts'
import { eventRoutes } from './events.ts'
import { healthRoutes } from './health.ts'
import { listingRoutes } from './listing.ts'
import { liveRoutes } from './live.ts'
import { messageRoutes } from './messages.ts'
import { payloadRoutes } from './payloads.ts'
import type { Route } from './route.ts'
import { runRoutes } from './runs.ts'
import { scheduleRoutes } from './schedules.ts'
import { taskQueueRoutes } from './task-queues.ts'
import { workflowRoutes } from './workflows.ts'

/** The document has them in this order. */
export const subjects: readonly { readonly name: string; readonly routes: readonly Route[] }[] = [
  { name: 'Workflows', routes: [...workflowRoutes, ...listingRoutes, ...runRoutes] },
  { name: 'Messages', routes: messageRoutes },
  { name: 'Schedules', routes: scheduleRoutes },
  { name: 'Activities', routes: activityRoutes },
  { name: 'Task queues', routes: taskQueueRoutes },
  { name: 'Calls', routes: callRoutes },
  { name: 'Payloads', routes: payloadRoutes },
  { name: 'Live', routes: [...eventRoutes, ...liveRoutes] },
  { name: 'Health', routes: healthRoutes },
]

export const routes: readonly Route[] = subjects.flatMap((subject) => subject.routes)
