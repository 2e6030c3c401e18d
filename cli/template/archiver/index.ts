/** The archiver Worker: on its cron, closed runs go from the shards to Parquet in R2. */
import { defineArchiver } from 'perdure/archiver'

const archiver = defineArchiver()

export class ArchiveService extends archiver.ArchiveService {}
export default archiver.handler
