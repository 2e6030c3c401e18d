import { bucket } from '../buckets.ts'

/** The test bucket, each of whose puts of a key that ends in `ending` goes through `around`. */
export function bucketWithPut(
  ending: string,
  around: (put: () => Promise<R2Object | null>) => Promise<R2Object | null>,
): R2Bucket {
  return new Proxy(bucket, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...given: unknown[]) => Promise<R2Object | null>
      return (...given: unknown[]) => {
        const call = () => method.apply(target, given)
        return name === 'put' && String(given[0]).endsWith(ending) ? around(call) : call()
      }
    },
  })
}
