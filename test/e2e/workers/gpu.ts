/** `node gpu.ts <url> <token>`: takes renders until SIGTERM. Says on stdout what it does, a line each. */
import { defineActivity, WorkflowWorker } from '../../../shared/index.ts'

const render = defineActivity('render', async (scene: string, ctx) => {
  console.log(`render ${scene.slice(0, 20)}`)
  if (scene === 'long' && process.argv[4] === 'holds') {
    await new Promise((resolve) => ctx.cancellation.addEventListener('abort', resolve))
    ctx.cancellation.throwIfAborted()
  }
  return `${scene} by ${ctx.attempt}`
})

const [, , url = '', token = ''] = process.argv
const worker = new WorkflowWorker({ taskQueue: 'gpu', activities: [render] })
process.once('SIGTERM', () => void worker.shutdown())
await worker.run({ url, token })
console.log('down')
