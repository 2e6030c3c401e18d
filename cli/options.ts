/** Options that several commands have, and how their text is read. What is no value of its kind is wrong usage. */
import { InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { Command, OptionValues } from '@commander-js/extra-typings'
import { toEpochMs, toMs } from '../shared/duration.ts'
import type { Duration, DurationString } from '../shared/duration.ts'
import type { ListFilter, SearchAttributes, StartOptions } from '../shared/index.ts'
import { ORDERS, STATUSES, TIERS } from '../shared/listing.ts'
import type { Invocation } from './invocation.ts'
import { fieldsIn, valueIn } from './json.ts'

/** Which runs: of `list`, `count`, `bulk` and `replay`. */
export function filtering<A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) {
  return command
    .addOption(new Option('--status <status...>', 'of one of these').choices(STATUSES))
    .option('--type <name>', 'of this workflow')
    .option('--task-queue <name>', 'of this task queue')
    .option('--prefix <text>', 'whose workflow id begins with it')
    .option('--attribute <name=value...>', 'with this search attribute; the value is JSON, or else text')
    .option('--started-after <instant>', 'started then or later', instant)
    .option('--started-before <instant>', 'started earlier', instant)
    .option('--closed-after <instant>', 'closed then or later', instant)
    .option('--closed-before <instant>', 'closed earlier', instant)
    .addOption(new Option('--tier <tier...>', 'in these tiers').choices(TIERS))
}

export type FilterOptions = ReturnType<ReturnType<typeof filtering<[], {}, {}>>['opts']>

export function filterOf(options: FilterOptions): ListFilter {
  return given({
    status: options.status,
    workflowType: options.type,
    taskQueue: options.taskQueue,
    idPrefix: options.prefix,
    searchAttributes: options.attribute && attributesOf(options.attribute),
    startedAfter: options.startedAfter,
    startedBefore: options.startedBefore,
    closedAfter: options.closedAfter,
    closedBefore: options.closedBefore,
    tiers: options.tier,
  })
}

export function orderOption() {
  return new Option('--order <field>', 'by which time; - is the latest first').choices(ORDERS)
}

/** How a run begins: of `start` and of `schedule create`. */
export function starting<A extends unknown[], O extends OptionValues, G extends OptionValues>(
  command: Command<A, O, G>,
) {
  return command
    .option('--input <json>', 'its input: JSON, @file, or - for stdin')
    .option('--id <workflowId>', 'names the work in your terms; absent, one is made')
    .option('--task-queue <name>', 'of its activities')
    .option('--execution-timeout <duration>', 'for all its runs, continue-as-new included', lasting)
    .option('--run-timeout <duration>', 'for each run alone', lasting)
    .option('--memo <json>', 'an object, shown by describe and list')
    .option('--attribute <name=value...>', 'a search attribute; the value is JSON, or else text')
    .option('--priority <number>', 'of its activities: the higher goes first', wholeNumber)
    .option('--pin <version>', 'pins it to this version of the workflows')
}

export type StartingOptions = ReturnType<ReturnType<typeof starting<[], {}, {}>>['opts']>

export async function startOf(
  { world }: Invocation,
  options: StartingOptions,
): Promise<StartOptions & { input?: unknown }> {
  return given({
    input: options.input === undefined ? undefined : await valueIn(world, options.input, '--input'),
    workflowId: options.id,
    taskQueue: options.taskQueue,
    executionTimeout: options.executionTimeout,
    runTimeout: options.runTimeout,
    memo: options.memo === undefined ? undefined : await fieldsIn(world, options.memo, '--memo'),
    searchAttributes: options.attribute && attributesOf(options.attribute),
    priority: options.priority,
    version: options.pin,
  })
}

/** The fields that have a value: an option that was not given is no field. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> } // by the line above
}

export function lasting(text: string): Duration {
  return read(() => toMs(text as DurationString, 'It')) // the cast is what toMs checks
}

export function instant(text: string): number {
  return read(() => toEpochMs(text, 'It'))
}

export function wholeNumber(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

export function fraction(text: string): number {
  if (text.trim() !== '' && Number.isFinite(Number(text))) return Number(text)
  throw new InvalidArgumentError('It must be a number.')
}

/** `country=DE`, `total=12.5`, `tags=["a","b"]`. */
function attributesOf(pairs: readonly string[]): SearchAttributes {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [name, jsonOrText(value.join('='))]
    }),
  ) as SearchAttributes // the client checks it, and names what is none
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function read<T>(value: () => T): T {
  try {
    return value()
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? `${error.message}.` : String(error))
  }
}
