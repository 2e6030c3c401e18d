/** Payloads that only those who have the key can read. */
import { WorkflowClient } from '../../shared/index.ts'
import type { PayloadCodec, PayloadMeta, ServiceBinding } from '../../shared/index.ts'

const NONCE_BYTES = 12

/** AES-256-GCM. What a payload is of is bound to it: taken elsewhere, it does not decode. */
export async function aesCodec(secret: Uint8Array<ArrayBuffer>): Promise<PayloadCodec> {
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return {
    async encode(bytes, meta) {
      const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
      const sealed = await crypto.subtle.encrypt(boundTo(meta, nonce), key, new Uint8Array(bytes))
      return new Uint8Array([...nonce, ...new Uint8Array(sealed)])
    },
    async decode(bytes, meta) {
      const nonce = new Uint8Array(bytes.slice(0, NONCE_BYTES))
      const sealed = new Uint8Array(bytes.slice(NONCE_BYTES))
      return new Uint8Array(await crypto.subtle.decrypt(boundTo(meta, nonce), key, sealed))
    },
  }
}

function boundTo({ workflowId, field }: PayloadMeta, iv: BufferSource) {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(`${workflowId}/${field}`) }
}

/** The same codec goes to `defineScheduler({ codec })` and to `new WorkflowWorker({ codec })`. */
export async function privateClient(env: {
  WORKFLOWS: ServiceBinding
  PAYLOAD_KEY: string
}): Promise<WorkflowClient> {
  const codec = await aesCodec(Uint8Array.from(atob(env.PAYLOAD_KEY), (char) => char.charCodeAt(0)))
  return new WorkflowClient(env.WORKFLOWS, { codec, encodeFailures: true })
}
