/**
 * Which code runs which run: one Worker may carry several versions of the workflows, each under a name.
 *
 * V1 A pinned run is run by the version that its first event names, and by no other.
 * V2 Any other run is run by the current version, or by the one being ramped up where its id falls into the ramp: the
 *    same run by the same version for as long as the ramp does not shrink.
 */
import murmurhash from 'murmurhash'
import type { WorkflowStarted } from '../shared/core/events.ts'
import { workflowOf } from '../shared/define.ts'
import { WorkflowError } from '../shared/errors.ts'
import { checkedFields, checkedName, invalid } from '../shared/names.ts'
import type { Refusal } from '../shared/protocol.ts'
import type { AnyWorkflow } from '../shared/replay/coroutine.ts'

/** Part of the runs, for a version on its way to become the current one. */
export interface Ramp {
  /** One of `versions`. */
  version: string
  /** From 0 to 100: of all workflow ids, as their hash falls. */
  percent: number
}

export interface VersionOptions {
  /** The current version's. */
  workflows: readonly AnyWorkflow[]
  /** The name of the current version. Default: the id of the Worker's version, where the binding CF_VERSION_METADATA gives it. */
  version?: string
  /** Other versions of the code that this Worker carries: older ones for the runs pinned to them, the next one for a ramp. */
  versions?: Record<string, readonly AnyWorkflow[]>
  /**
   * Which of `versions` gets a part of the runs that are pinned to none. Default: all are run by the current one.
   */
  ramp?: Ramp
}

type Code = ReadonlyMap<string, AnyWorkflow>
type Started = Pick<WorkflowStarted, 'workflowType' | 'version' | 'pinned'>

/** Code for a run, or why there is none. */
export type Found =
  | { ok: true; definition: AnyWorkflow }
  | { ok: false; code: 'unknown_workflow' | 'unknown_version'; message: string; known: string[] }

/** A run that is to start. */
interface Start {
  workflowId: string
  workflowType: string
  /** The version to pin it to. */
  version?: string
  /** The version that its parent is pinned to: its own too, where that has the workflow. */
  inheritedVersion?: string
}

export interface Chosen {
  readonly ok: true
  readonly definition: AnyWorkflow
  readonly version: string
  readonly pinned: boolean
}

export class Versions {
  readonly #current: string
  readonly #all = new Map<string, Code>()
  readonly #ramp: Ramp | null

  /** `release`: the id of the Worker's version. */
  constructor(options: VersionOptions, release: string) {
    this.#current = options.version === undefined ? release : checkedName(options.version, 'version')
    for (const [name, workflows] of Object.entries(checkedFields(options.versions ?? {}, 'versions')))
      this.#all.set(checkedName(name, 'versions'), byName(workflows, `versions.${name}`))
    if (this.#all.has(this.#current))
      throw invalid('versions', 'other versions than the current one', this.#current)
    this.#all.set(this.#current, byName(options.workflows, 'workflows'))
    if (options.version === undefined) this.#checkNamed()
    this.#ramp = options.ramp ? this.#checkedRamp(options.ramp) : null
  }

  choose({ workflowId, workflowType, version: asked, inheritedVersion }: Start): Chosen | Refusal {
    const inherited = this.#has(inheritedVersion, workflowType) ? inheritedVersion : undefined
    const given = asked ?? inherited
    const version = given ?? this.#versionFor(workflowId, workflowType)
    const found = this.#find(version, workflowType)
    if (!found.ok) return refusalOf(found)
    const pinned = given !== undefined || workflowOf(found.definition).options.versioning === 'pinned'
    return { ok: true, definition: found.definition, version, pinned }
  }

  /** For a run that goes on. */
  of(workflowId: string, { workflowType, version, pinned }: Started): Found {
    return this.#find(pinned ? version : this.#versionFor(workflowId, workflowType), workflowType)
  }

  /** Only where the version being ramped up has the workflow at all. */
  #versionFor(workflowId: string, workflowType: string): string {
    const ramp = this.#ramp
    if (!ramp || !isWithin(workflowId, ramp.percent)) return this.#current
    return this.#has(ramp.version, workflowType) ? ramp.version : this.#current
  }

  #has(version: string | undefined, workflowType: string): boolean {
    return version !== undefined && this.#all.get(version)?.has(workflowType) === true
  }

  #find(version: string, workflowType: string): Found {
    const code = this.#all.get(version)
    if (!code) return { ok: false, code: 'unknown_version', ...unknown('version', version, this.#all.keys()) }
    const definition = code.get(workflowType)
    if (definition) return { ok: true, definition }
    return { ok: false, code: 'unknown_workflow', ...unknown('workflow', workflowType, code.keys()) }
  }

  /** By the id of a Worker's version nothing could be pinned: no later Worker carries a version of that name. */
  #checkNamed(): void {
    for (const code of this.#all.values())
      for (const [name, definition] of code)
        if (workflowOf(definition).options.versioning === 'pinned') throw unnamed(name)
  }

  #checkedRamp(ramp: Ramp): Ramp {
    const { version, percent } = ramp
    if (!this.#all.has(version))
      throw invalid('ramp.version', `one of ${[...this.#all.keys()].join(', ')}`, version)
    if (typeof percent === 'number' && percent >= 0 && percent <= 100) return ramp
    throw invalid('ramp.percent', 'a number from 0 to 100', percent)
  }
}

function byName(workflows: unknown, path: string): Code {
  if (!Array.isArray(workflows)) throw invalid(path, 'a list of workflows', workflows)
  const known = new Map<string, AnyWorkflow>()
  for (const workflow of workflows as AnyWorkflow[]) {
    // each is checked
    const { name } = workflowOf(workflow)
    if (known.has(name))
      throw new WorkflowError('invalid_argument', `two workflows are named ${name}`, { path })
    known.set(name, workflow)
  }
  return known
}

/** Seeded, so that it says nothing of the shard. */
const RAMP_SEED = 0x72616d70
const STEPS = 10_000

function isWithin(workflowId: string, percent: number): boolean {
  return murmurhash.v3(workflowId, RAMP_SEED) % STEPS < (percent * STEPS) / 100
}

function unknown(kind: string, name: string, known: Iterable<string>): { message: string; known: string[] } {
  const names = [...known]
  return {
    message: `no ${kind} ${name} is registered here; known: ${names.join(', ') || 'none'}`,
    known: names,
  }
}

function unnamed(workflow: string): WorkflowError {
  const message = `workflow ${workflow} is pinned, and the version it would be pinned to has no name: give defineScheduler a version, such as '2026-11-29'`
  return new WorkflowError('not_configured', message, { path: 'version' })
}

function refusalOf({ code, message, known }: Extract<Found, { ok: false }>): Refusal {
  const path = code === 'unknown_version' ? { path: 'version' } : {}
  return { ok: false, code, message, facts: { known, ...path } }
}
