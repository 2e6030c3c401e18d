/** How much of each workload a round is. */
export interface Sizes {
  rounds: number
  /** Of what takes many seconds a round. */
  longRounds: number
  forMs: number
  /** Before its round, for who was stopped. */
  awakeMs: number
  /** Fresh processes work so long before anything counts: what is hot is compiled. */
  warmUpMs: number
  signals: number
  timers: number
  sleepMs: number
  longSteps: number
  /** Remote steps of one run, one after another. */
  calls: number
  killed: number
  /** Runs after which the memory is read, each time. */
  batch: number
  /** Four, or a multiple of it. */
  batches: number
}

export const FULL: Sizes = {
  rounds: 5,
  longRounds: 3,
  forMs: 2_000,
  awakeMs: 200,
  warmUpMs: 2_500,
  signals: 200,
  timers: 2_000,
  sleepMs: 5_000,
  longSteps: 5_000,
  calls: 200,
  killed: 100,
  batch: 2_500,
  batches: 16,
}

/** Good for a factor, not for a per cent. */
export const QUICK: Sizes = {
  ...FULL,
  rounds: 2,
  longRounds: 1,
  forMs: 700,
  warmUpMs: 700,
  signals: 50,
  timers: 500,
  sleepMs: 2_000,
  batch: 500,
}

/** Says that everything works, and nothing else. */
export const TINY: Sizes = {
  rounds: 1,
  longRounds: 1,
  forMs: 0,
  awakeMs: 10,
  warmUpMs: 0,
  signals: 5,
  timers: 20,
  sleepMs: 300,
  longSteps: 250,
  calls: 20,
  killed: 20,
  batch: 25,
  batches: 4,
}
