/** The real bucket of the test Worker, and views of it that count or interrupt. */
import { env } from 'cloudflare:workers'

export const bucket: R2Bucket = (env as unknown as { ARCHIVE: R2Bucket }).ARCHIVE // the tests' wrangler.toml has it

/** `bucket`, with the name of each call noted in `calls`. */
export function counted(calls: string[]): R2Bucket {
  return watched((name, call) => {
    calls.push(name)
    return call()
  })
}

/** `bucket`, each of whose calls goes through `around`. */
export function watched(
  around: (name: string, call: () => Promise<unknown>, given: readonly unknown[]) => Promise<unknown>,
): R2Bucket {
  return new Proxy(bucket, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<unknown>
      return (...given: unknown[]) => around(String(name), () => method.apply(target, given), given)
    },
  })
}

/** The stored object's bytes and what stands beside them. */
export async function stored(key: string): Promise<{ bytes: Uint8Array; object: R2ObjectBody }> {
  const object = await bucket.get(key)
  if (object === null) throw new Error(`no object ${key}`)
  return { object, bytes: new Uint8Array(await object.arrayBuffer()) }
}
