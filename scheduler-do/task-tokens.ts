/**
 * Signs and checks task tokens.
 *
 * K1 A token is accepted only with a signature (HMAC-SHA256) of its own body by one of the keys.
 * K2 The first key signs, all of them check: a new key is put in front, and the old one taken away when what it signed is over.
 */
import { WorkflowError } from '../shared/errors.ts'
import type { ClaimReply, ClaimRequest, Reply } from '../shared/protocol.ts'
import { readTaskToken, taskTokenBody, taskTokenOf } from '../shared/task-token.ts'
import type { TaskTokenBody } from '../shared/task-token.ts'

export class TaskTokens {
  readonly #keys: readonly string[]
  #imported: Promise<CryptoKey[]> | undefined

  /** `keys` is the variable TASK_TOKEN_KEYS: one or more keys of 32 characters or more, separated by commas or spaces. */
  constructor(keys: unknown) {
    this.#keys = typeof keys === 'string' ? keys.split(/[\s,]+/).filter((key) => key !== '') : []
    if (this.#keys.some((key) => key.length < MIN_KEY_LENGTH))
      throw unconfigured('has a key that is too short')
  }

  /** Whether tokens can be given out. */
  get configured(): boolean {
    return this.#keys.length > 0
  }

  async sign(content: TaskTokenBody): Promise<string> {
    const [first] = await this.#import()
    if (!first) throw unconfigured('is not set')
    const body = taskTokenBody(content)
    return taskTokenOf(body, await crypto.subtle.sign('HMAC', first, bytesOf(body)))
  }

  /** What the token says; throws where none of the keys signed it. */
  async check(token: string): Promise<TaskTokenBody> {
    const { body, signature, ...content } = readTaskToken(token)
    const keys = await this.#import()
    if (keys.length === 0) throw unconfigured('is not set')
    // All of them: how long it takes tells nothing of which was right.
    const verdicts = await Promise.all(
      keys.map((key) => crypto.subtle.verify('HMAC', key, signature, bytesOf(body))),
    )
    if (verdicts.includes(true)) return content
    throw new WorkflowError('unauthorized', 'the task token was not signed by this scheduler')
  }

  #import(): Promise<CryptoKey[]> {
    this.#imported ??= Promise.all(this.#keys.map(importKey))
    return this.#imported
  }
}

/** The grants among the replies, each with the token of its attempt. */
export async function signed(
  tokens: TaskTokens,
  { to, claimId, tasks }: ClaimRequest,
  reply: Reply<ClaimReply[]>,
): Promise<Reply<ClaimReply[]>> {
  if (!reply.ok) return reply
  const value = reply.value.map(async (grant, place): Promise<ClaimReply> => {
    const task = tasks[place]
    return grant.ok && task ? await signedGrant(tokens, grant, { ...task, to, claimId }) : grant
  })
  return { ok: true, value: await Promise.all(value) }
}

/** A grant with the token of its attempt; as it is where there are no keys. */
export async function signedGrant(
  tokens: TaskTokens,
  grant: Grant,
  { to, runId, seq, claimId }: Omit<TaskTokenBody, 'attempt'>,
): Promise<Grant> {
  if (!tokens.configured) return grant
  return { ...grant, taskToken: await tokens.sign({ to, runId, seq, attempt: grant.attempt, claimId }) }
}

type Grant = Extract<ClaimReply, { ok: true }>

const MIN_KEY_LENGTH = 32
const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' }

function importKey(key: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytesOf(key), ALGORITHM, false, ['sign', 'verify'])
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function unconfigured(what: string): WorkflowError {
  const message = `the scheduler's TASK_TOKEN_KEYS ${what}: give it a secret of ${MIN_KEY_LENGTH} characters or more (wrangler secret put TASK_TOKEN_KEYS)`
  return new WorkflowError('not_configured', message, { path: 'env.TASK_TOKEN_KEYS' })
}
