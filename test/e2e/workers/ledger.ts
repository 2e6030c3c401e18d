import type { Ledger } from './effects.ts'

/** The one ledger, on a new stub; see LEDGER in the wrangler.toml files. */
export function ledgerIn(env: object): DurableObjectStub<Ledger> {
  const { LEDGER } = env as { LEDGER: DurableObjectNamespace<Ledger> } // bound in each of them
  return LEDGER.getByName('main')
}
