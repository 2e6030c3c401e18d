/** Who can be measured here. */
import { Dbos } from './dbos.ts'
import { installedVersion } from './peers.ts'
import { Perdure } from './perdure.ts'
import { postgresVersion } from './postgres.ts'
import { Restate } from './restate.ts'
import type { System, SystemName } from './system.ts'

export interface Candidate {
  name: SystemName
  /** Null when it is not here. */
  version: string | null
  /** How it comes to be here. */
  needs: string
  make(this: void): System
}

const INSTALL = 'npm ci --prefix bench/peers'

export function lineup(workerd: string): Candidate[] {
  const [sdk, postgres] = [installedVersion('@dbos-inc/dbos-sdk'), postgresVersion()]
  return [
    { name: 'perdure', version: `workerd ${workerd}`, needs: '', make: () => new Perdure() },
    {
      name: 'restate',
      version: installedVersion('@restatedev/restate-server') ?? null,
      needs: INSTALL,
      make: () => new Restate(),
    },
    {
      name: 'dbos',
      version: sdk === undefined || postgres === null ? null : `${sdk}, PostgreSQL ${postgres}`,
      needs: `${INSTALL}, and PostgreSQL on the path`,
      make: () => new Dbos(),
    },
  ]
}
