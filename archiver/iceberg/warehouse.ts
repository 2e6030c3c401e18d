/** The bucket as Iceberg sees it: every object has a location, a URI that begins with the bucket's own. */
import { withoutSlash } from './names.ts'
import { ArchiveError } from '../error.ts'

export class Warehouse {
  readonly bucket: R2Bucket
  /** What the bucket's root is called in metadata, without a slash at its end: `s3://perdure-archive`. */
  readonly root: string

  constructor(bucket: R2Bucket, root: string) {
    this.bucket = bucket
    this.root = withoutSlash(root)
  }

  locationOf(key: string): string {
    return `${this.root}/${key}`
  }

  /** The object key of a location; one outside the bucket is refused. */
  keyOf(location: string): string {
    if (location.startsWith(`${this.root}/`)) return location.slice(this.root.length + 1)
    throw new ArchiveError('object_missing', location, `it is not in ${this.root}`)
  }
}
