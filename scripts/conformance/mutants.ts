/** Breaches of single rows, each a text of the source and what is planted in its place. */
export interface Mutant extends Breach {
  /** The row that must notice. */
  readonly row: number
}

/** A text of the source, and what is planted in its place. */
export interface Breach {
  readonly breach: string
  readonly file: string
  readonly text: string
  readonly planted: string
}

export const mutants: readonly Mutant[] = [
  {
    row: 15,
    breach: 'a failure flagged non-retryable is retried',
    file: 'shared/core/retry.ts',
    text: "if (facts['nonRetryable'] === true) return true",
    planted: '',
  },
  {
    row: 16,
    breach: 'a failure of a listed type is retried',
    file: 'shared/core/retry.ts',
    text: "(typeof type === 'string' && listed.includes(type))",
    planted: 'false',
  },
  {
    row: 52,
    breach: 'validators run on replay too',
    file: 'shared/replay/updates.ts',
    text: 'if (handler) {\n',
    planted:
      'if (handler) {\n      if (this.#coroutine.replaying) handler.validate?.(...argumentsOf(content))\n',
  },
  {
    row: 65,
    breach: 'a schedule whose id is taken is created all the same',
    file: 'scheduler-do/schedules/requests.ts',
    text: 'existing ? !known && exists(scheduleId) : refusedStart(turn, shard, action)',
    planted: '!existing && refusedStart(turn, shard, action)',
  },
  {
    row: 69,
    breach: 'messages and stacks of failures do not go through the codec',
    file: 'shared/codec.ts',
    text: 'if (codec) return { codec, failures: encodeFailures }',
    planted: 'if (codec) return { codec, failures: false }',
  },
  {
    row: 73,
    breach: 'the option that pins a run to a version is ignored',
    file: 'scheduler-do/versions.ts',
    text: 'const given = asked ?? inherited',
    planted: 'const given = inherited',
  },
  {
    row: 74,
    breach: 'no run falls into a ramp',
    file: 'scheduler-do/versions.ts',
    text: '< (percent * STEPS) / 100',
    planted: '< percent - STEPS',
  },
  {
    row: 95,
    breach: 'an activity is due by the time of its run, which may be ahead of the clock',
    file: 'scheduler-do/new-task.ts',
    text: 'dueAt: now,\n    sentAt',
    planted: 'dueAt: event.at,\n    sentAt',
  },
  {
    row: 98,
    breach: 'patched() is true for runs from before the patch',
    file: 'shared/replay/patches.ts',
    text: 'const answer = coroutine.isNew || coroutine.identity.patches.has(id)',
    planted: 'const answer = true',
  },
  {
    row: 103,
    breach: 'compensations run oldest first',
    file: 'shared/replay/ending.ts',
    text: 'for (let next = this.#compensations.pop(); next; next = this.#compensations.pop()) {',
    planted: 'for (let next = this.#compensations.shift(); next; next = this.#compensations.shift()) {',
  },
  {
    row: 107,
    breach: 'a run may have any number of pending activities',
    file: 'shared/replay/calls.ts',
    text: 'const MAX_PENDING = 2_000',
    planted: 'const MAX_PENDING = 2_000_000',
  },
  {
    row: 109,
    breach: 'a flood of commands is taken',
    file: 'shared/replay/coroutine.ts',
    text: 'const MAX_COMMANDS_PER_DRAIN = 10_000',
    planted: 'const MAX_COMMANDS_PER_DRAIN = 1_000_000',
  },
]
