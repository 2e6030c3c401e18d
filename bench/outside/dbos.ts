/** DBOS: PostgreSQL and, in a Node process, an application built with its SDK. */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { OverHttp } from './over-http.ts'
import { PEERS } from './peers.ts'
import { Postgres } from './postgres.ts'
import { type Calls, System, freePort } from './system.ts'

export class Dbos extends System {
  readonly name = 'dbos'
  #postgres: Postgres | undefined

  protected async launch(): Promise<Calls> {
    const log = join(this.directory, 'stderr.log')
    const postgres = (this.#postgres ??= this.#database())
    postgres.launch(this.tree, log)
    await this.untilUp(() => postgres.isUp())
    const port = await freePort()
    const args = [join(PEERS, 'dbos.ts'), String(port), postgres.url]
    this.tree.spawn({ command: process.execPath, args, log })
    const calls = new OverHttp(port)
    await this.untilUp(() => calls.isUp())
    return calls
  }

  #database(): Postgres {
    chmodSync(this.directory, 0o711) // the account of PostgreSQL passes through
    return new Postgres(join(this.directory, 'postgres'))
  }
}
