/** How activities reach their Workers. */
import type { TaskQueue } from '../../scheduler-do/config.ts'
import type { ActivitiesApi, PerformReply, PerformRequest } from '../../shared/perform.ts'

/** The entrypoint of an activity Worker. */
export class Performer implements ActivitiesApi {
  readonly #perform: ActivitiesApi['perform']

  constructor(perform: ActivitiesApi['perform']) {
    this.#perform = perform
  }

  async perform(request: PerformRequest): Promise<PerformReply> {
    return await this.#perform(request)
  }
}

/** Task queues of every name, made when they are first used. */
export class AnyTaskQueue extends Map<string, TaskQueue> {
  readonly #make: (name: string) => TaskQueue

  constructor(make: (name: string) => TaskQueue) {
    super()
    this.#make = make
  }

  override has(): boolean {
    return true
  }

  override get(name: string): TaskQueue {
    const queue = super.get(name) ?? this.#make(name)
    this.set(name, queue)
    return queue
  }
}
