/** perdure on bare workerd: the scheduler Worker, which has the HTTP API and a front of the user's own, and that with the activities, in one process; databases on disk. */
import { type BuildResult, build } from 'esbuild'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { OverClient } from './over-client.ts'
import { OverHttp } from './over-http.ts'
import { type Calls, System, freePort } from './system.ts'
import { TOKEN, capnp } from './workerd.ts'

const WORKERS = {
  scheduler: join(import.meta.dirname, 'workers/scheduler.ts'),
  activities: join(import.meta.dirname, '../workers/activities.ts'),
}

export class Perdure extends System {
  readonly name = 'perdure'
  #each: Calls | undefined

  protected async launch(): Promise<Calls> {
    const port = await freePort()
    const disk = join(this.directory, 'disk')
    mkdirSync(disk, { recursive: true })
    for (const { path, contents } of (await bundled()).outputFiles)
      writeFileSync(join(this.directory, basename(path)), contents)
    writeFileSync(join(this.directory, 'config.capnp'), capnp({ port, disk }))
    this.tree.spawn({
      command: workerd(),
      // workerd's own Queue is called an experiment.
      args: ['serve', '--experimental', join(this.directory, 'config.capnp')],
      log: join(this.directory, 'stderr.log'),
    })
    const each = (this.#each = new OverHttp(port))
    await this.untilUp(() => each.isUp())
    return new OverClient(port, { token: TOKEN, each })
  }

  override get each(): Calls {
    return this.#each ?? this.calls
  }
}

let bundles: ReturnType<typeof bundle> | undefined

function bundled(): ReturnType<typeof bundle> {
  return (bundles ??= bundle())
}

/** As wrangler does it. */
function bundle(): Promise<BuildResult<{ write: false }>> {
  return build({
    entryPoints: WORKERS,
    outdir: '.',
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2024',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    loader: { '.sql': 'text' },
  })
}

/** The binary itself: its Node wrapper would be one more process. */
function workerd(): string {
  const wrangler = createRequire(createRequire(import.meta.url).resolve('wrangler/package.json'))
  const { default: path }: { default: unknown } = wrangler('workerd')
  if (typeof path !== 'string') throw new Error('the package workerd names no binary')
  return path
}
