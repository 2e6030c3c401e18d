/** What reading a table touches of the Workers' types, which Node's type environment does not have. */
interface R2Bucket {
  get(key: string): Promise<R2ObjectBody | null>
  put(key: string, bytes: Uint8Array, options?: object): Promise<object | null>
}

interface R2ObjectBody {
  readonly size: number
  readonly body: ReadableStream<Uint8Array>
  arrayBuffer(): Promise<ArrayBuffer>
}
