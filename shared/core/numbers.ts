/** The numbers that a run's events have in the sequence of their shard, kept small: what is left of them once its rows are gone. */

/**
 * The number of the first event, then in turn how many events follow one another without a gap, and how far the next
 * number is from where they end: `[7, 3, 2, 1]` is 7, 8, 9 and 12.
 */
export type EventNumbers = readonly number[]

/** Of the turns of a run, in order. */
export function numbersOf(turns: readonly { sequence: number; events: number }[]): EventNumbers {
  const numbers: number[] = []
  let next = 0
  for (const { sequence, events } of turns) {
    const last = numbers.length - 1
    if (last > 0 && sequence === next) numbers[last] = (numbers[last] ?? 0) + events
    else numbers.push(sequence - next, events)
    next = sequence + events
  }
  return numbers
}

/** Of one event; undefined where there is no such event. */
export function numberOf(numbers: EventNumbers, eventId: number): number | undefined {
  for (const { firstEventId, sequence, events } of stretches(numbers))
    if (eventId >= firstEventId && eventId < firstEventId + events) return sequence + eventId - firstEventId
  return undefined
}

/** The first event with a number behind `position`; the one after the last where there is none. */
export function eventBehind(numbers: EventNumbers, position: number): number {
  let after = 1
  for (const { firstEventId, sequence, events } of stretches(numbers)) {
    if (sequence + events - 1 > position) return firstEventId + Math.max(0, position + 1 - sequence)
    after = firstEventId + events
  }
  return after
}

function* stretches(
  numbers: EventNumbers,
): Generator<{ firstEventId: number; sequence: number; events: number }> {
  let [firstEventId, sequence] = [1, 0]
  for (let place = 0; place < numbers.length; place += 2) {
    const [gap = 0, events = 0] = [numbers[place], numbers[place + 1]]
    sequence += gap
    yield { firstEventId, sequence, events }
    firstEventId += events
    sequence += events
  }
}
