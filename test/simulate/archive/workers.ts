/** What the archiver's entrypoint finds as `cloudflare:workers`. */

export class WorkerEntrypoint {
  readonly ctx: unknown
  readonly env: unknown

  constructor(ctx: unknown, env: unknown) {
    this.ctx = ctx
    this.env = env
  }
}
