/** On the simulated platform what test/conformance/environment.test.ts shows in workerd. */
import { createTestEnvironment } from '../../testing/index.ts'
// Loaded ahead, so that no test's own time pays for it on a busy machine.
import '../../testing/simulated/platform.ts'
import { activities, behavesAsDeployed, workflows } from './behaviour.ts'

behavesAsDeployed(() => createTestEnvironment({ workflows, activities }))
