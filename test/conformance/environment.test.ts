/** In workerd what test/environment/simulated.test.ts shows on the simulated platform. */
import { MockableActivities, workerdEnvironment } from '../../testing/index.ts'
import type { DebugBinding } from '../../testing/index.ts'
import { activities, behavesAsDeployed, workflows } from '../environment/behaviour.ts'
import { register } from '../workers/registry.ts'
import { world } from './world.ts'

const mockable = new MockableActivities(activities)
register(...workflows, ...mockable.definitions())

const binding = world.WORKFLOWS as unknown as DebugBinding // a service binding has every method of WorkflowService

behavesAsDeployed(() => workerdEnvironment({ workflows: binding, activities: mockable }))
