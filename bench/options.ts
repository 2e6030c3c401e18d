/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util'
import type { SystemName } from './figures.ts'
import { type Cell, cells, plan } from './plan.ts'

export interface Options {
  cells: readonly Cell[]
  archive: boolean
  systems: readonly SystemName[]
  quick: boolean
  cdc: boolean
  /** Of perdure's. From two on, its activities are done by two Workers in turns. */
  shards: number
  /** The second table, from outside, beside other engines. */
  peers: boolean
  /** Where the document goes, as well as to stdout. */
  json?: string
  /** The document of an earlier run, of which this one may not be worse. */
  compare?: string
}

const SYSTEMS: readonly SystemName[] = ['perdure', 'cloudflare-workflows']

export function readOptions(args?: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    ...(args && { args: [...args] }),
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      concurrency: { type: 'string' },
      system: { type: 'string' },
      json: { type: 'string' },
      compare: { type: 'string' },
      cdc: { type: 'boolean', default: false },
      shards: { type: 'string', default: '1' },
      peers: { type: 'boolean', default: false },
    },
  })
  const named = [...positionals, ...(values.only?.split(',') ?? [])]
  const only = named.length === 0 ? undefined : known(named)
  const concurrency = values.concurrency?.split(',').map(Number)
  return {
    cells: plan({ quick: values.quick, ...(only && { only }), ...(concurrency && { concurrency }) }),
    // It takes minutes.
    archive: only === undefined ? !values.quick : only.includes('archive'),
    systems: systemsOf(values.system),
    quick: values.quick,
    cdc: values.cdc,
    shards: counted(values.shards),
    peers: values.peers,
    ...(values.json !== undefined && { json: values.json }),
    ...(values.compare !== undefined && { compare: values.compare }),
  }
}

function known(names: readonly string[]): readonly string[] {
  const all = new Set<string>([...cells(false).flatMap(({ workloads }) => workloads), 'archive'])
  const unknown = names.find((name) => !all.has(name))
  if (unknown === undefined) return names
  throw new Error(`no workload is called ${unknown}; there are ${[...all].join(', ')}`)
}

function counted(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new Error(`--shards takes a number of shards, not ${text}`)
}

function systemsOf(name: string | undefined): readonly SystemName[] {
  if (name === undefined) return SYSTEMS
  const system = SYSTEMS.find((one) => one === name)
  if (system !== undefined) return [system]
  throw new Error(`no system is called ${name}; there are ${SYSTEMS.join(' and ')}`)
}
