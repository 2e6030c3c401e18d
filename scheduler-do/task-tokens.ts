/**
 * Signs and checks task tokens.
 *
 * K1 A token is accepted only with a signature (HMAC-SHA256) of its own body by one of the keys.
 * K2 The first key signs, all of them check: a new key is put in front, and the old one taken away when what it signed is over.
 * K3 It is done at once: `crypto.subtle` would be IO in every claim, which a busy thread pool keeps waiting.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { WorkflowError } from '../shared/errors.ts'
import type { ClaimReply, ClaimRequest, Reply } from '../shared/protocol.ts'
import { readTaskToken, taskTokenBody, taskTokenOf } from '../shared/task-token.ts'
import type { TaskTokenBody } from '../shared/task-token.ts'

export class TaskTokens {
  readonly #keys: readonly string[]

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

  sign(content: TaskTokenBody): string {
    const [first] = this.#keys
    if (first === undefined) throw unconfigured('is not set')
    const body = taskTokenBody(content)
    return taskTokenOf(body, signatureOf(body, first))
  }

  /** What the token says; throws where none of the keys signed it. */
  check(token: string): TaskTokenBody {
    const { body, signature, ...content } = readTaskToken(token)
    if (this.#keys.length === 0) throw unconfigured('is not set')
    // All of them: how long it takes tells nothing of which was right.
    const verdicts = this.#keys.map((key) => isSame(signatureOf(body, key), signature))
    if (verdicts.includes(true)) return content
    throw new WorkflowError('unauthorized', 'the task token was not signed by this scheduler')
  }
}

/** The grants among the replies, each with the token of its attempt. */
export function signed(
  tokens: TaskTokens,
  { to, claimId, tasks }: ClaimRequest,
  reply: Reply<ClaimReply[]>,
): Reply<ClaimReply[]> {
  if (!reply.ok) return reply
  const value = reply.value.map((grant, place): ClaimReply => {
    const task = tasks[place]
    return grant.ok && task ? signedGrant(tokens, grant, { ...task, to, claimId }) : grant
  })
  return { ok: true, value }
}

/** A grant with the token of its attempt; as it is where there are no keys. */
export function signedGrant(
  tokens: TaskTokens,
  grant: Grant,
  { to, runId, seq, claimId }: Omit<TaskTokenBody, 'attempt'>,
): Grant {
  if (!tokens.configured) return grant
  return { ...grant, taskToken: tokens.sign({ to, runId, seq, attempt: grant.attempt, claimId }) }
}

type Grant = Extract<ClaimReply, { ok: true }>

const MIN_KEY_LENGTH = 32

function signatureOf(body: string, key: string): Uint8Array {
  return createHmac('sha256', key).update(body).digest()
}

function isSame(signature: Uint8Array, given: Uint8Array): boolean {
  return signature.length === given.length && timingSafeEqual(signature, given)
}

function unconfigured(what: string): WorkflowError {
  const message = `the scheduler's TASK_TOKEN_KEYS ${what}: give it a secret of ${MIN_KEY_LENGTH} characters or more (wrangler secret put TASK_TOKEN_KEYS)`
  return new WorkflowError('not_configured', message, { path: 'env.TASK_TOKEN_KEYS' })
}
