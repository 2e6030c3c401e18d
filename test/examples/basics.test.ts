import { describe, expect, test } from 'vitest'
import { greet, hello } from '../../examples/01-hello.ts'
import { progress, resize, resizeAlbum } from '../../examples/06-fan-out.ts'
import { publishVideo, transcode } from '../../examples/07-long-poll.ts'
import { failure, ok, status, worldOf } from './world.ts'

const world = worldOf({
  workflows: [hello, resizeAlbum, publishVideo],
  activities: [greet, resize, transcode],
  ioGrace: 100, // some services here never answer
})

describe('01-hello', () => {
  test('says hello', async () => {
    expect(await world.env.client.execute(hello, { input: 'Ada' })).toBe('Hello, Ada!')
  })

  test('an activity that fails is tried again', async () => {
    const attempts: number[] = []
    world.env.mockActivity(greet, (name, { attempt }) => {
      attempts.push(attempt)
      if (attempt < 3) throw new Error('not yet')
      return `Hello, ${name}!`
    })
    const run = await world.env.client.start(hello, { input: 'Ada' })
    await world.env.advance('3s')
    expect(await run.result()).toBe('Hello, Ada!')
    expect(attempts).toEqual([1, 2, 3])
  })
})

describe('06-fan-out', () => {
  const images = Array.from({ length: 1000 }, (_, index) => `${index}.jpg`)

  test('a thousand images are resized at once', async () => {
    world.answer = () => new Response('12345')
    expect(await world.env.client.execute(resizeAlbum, { input: images })).toEqual({
      bytes: 5000,
      failed: [],
    })
    expect(world.requests).toHaveLength(1000)
  })

  test('what fails three times is told apart, and the rest is done', async () => {
    world.answer = ({ url }) => (url.includes('/7.jpg') ? status(500) : new Response('12345'))
    const run = await world.env.client.start(resizeAlbum, { input: images.slice(0, 10) })
    await world.env.settle()
    expect(await run.query(progress)).toEqual({ done: 9, of: 10 })
    await world.env.advance('3s')
    expect(await run.result()).toEqual({ bytes: 45, failed: ['7.jpg'] })
    expect(world.requests.filter((request) => request.includes('/7.jpg'))).toHaveLength(3)
  })

  test('cancelled, it is cancelled, whatever is done by then', async () => {
    world.answer = ({ url }) => (url.includes('/7.jpg') ? status(500) : new Response('12345'))
    const run = await world.env.client.start(resizeAlbum, { input: images.slice(0, 10) })
    await world.env.settle()
    await run.cancel()
    expect(await failure(run.result())).toMatchObject({ status: 'cancelled' })
  })
})

describe('07-long-poll', () => {
  test('a job is asked for until it is done', async () => {
    const answers = [running(0), running(40), running(90), done()]
    world.answer = () => answers.shift() ?? status(500)
    expect(await world.env.client.execute(publishVideo, { input: 'v' })).toEqual({
      published: 'https://videos.example/v.mp4',
    })
    expect(world.requests).toHaveLength(4)
  })

  test('an attempt that falls silent is followed by one that goes on with the same job', async () => {
    const answers = [running(0), running(40)]
    world.answer = () => answers.shift() ?? new Promise(() => {})
    const run = await world.env.client.start(publishVideo, { input: 'v' })
    await world.env.advance('30s')
    world.answer = done
    await world.env.advance('1m')
    expect(await run.result()).toEqual({ published: 'https://videos.example/v.mp4' })
    expect(world.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1)
    expect(await run.describe()).toMatchObject({ status: 'completed' })
  })

  test('a job that fails is not tried again', async () => {
    world.answer = () => ok({ id: 'j1', status: 'failed', reason: 'no audio' })
    const error = await failure(world.env.client.execute(publishVideo, { input: 'v' }))
    expect(error).toMatchObject({ cause: { cause: { type: 'transcode_failed', message: 'no audio' } } })
    expect(world.requests).toHaveLength(1)
  })

  test('cancelled, it takes the job back', async () => {
    world.answer = ({ method, signal }) => {
      if (method === 'POST') return running(0)
      if (method === 'DELETE') return ok()
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    }
    const run = await world.env.client.start(publishVideo, { input: 'v' })
    await world.env.settle()
    await run.cancel()
    await world.env.advance('10s')
    expect(await failure(run.result())).toMatchObject({ status: 'cancelled' })
    expect(world.requests.at(-1)).toBe('DELETE https://transcode.example/jobs/j1')
  })
})

function running(percent: number): Response {
  return ok({ id: 'j1', status: 'running', percent })
}

function done(): Response {
  return ok({ id: 'j1', status: 'done', url: 'https://videos.example/v.mp4' })
}
