/** The archiver Worker of the reference deployment: closed runs leave the shards for R2. */
import { defineArchiver } from '../../archiver/index.ts'

const archiver = defineArchiver()

export class ArchiveService extends archiver.ArchiveService {}
export default archiver.handler
