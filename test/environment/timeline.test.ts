import { expect, test } from 'vitest'
import { Timeline } from '../../testing/simulated/timeline.ts'

test('a timer of a part of a millisecond goes when a whole one does', async () => {
  const timeline = new Timeline(1_000, 0)
  const went: number[] = []
  timeline.after(10_000 / 3, () => void went.push(timeline.now()))
  timeline.after(0.5, () => void went.push(timeline.now()))
  await timeline.advance(5_000)
  expect(went).toEqual([1_000, 4_333])
})
