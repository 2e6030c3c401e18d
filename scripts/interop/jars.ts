/** Iceberg for Spark, from Maven: pinned here as pyspark is in requirements-spark.txt. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** 1.11 is the first whose S3FileIO can be told not to upload in chunks, which the local S3 endpoint does not undo. */
const ARTIFACTS = [
  ['iceberg-spark-runtime-4.0_2.13', '1.11.0'],
  ['iceberg-aws-bundle', '1.11.0'],
] as const
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy'

/** Why Spark cannot run here, or null when all it needs is in `directory`. */
export function fetchJars(directory: string): string | null {
  if (!runs('java', ['-version'])) return 'java is not installed'
  const partial = join(directory, 'partial') // whatever is killed on the way stays here
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  for (const [artifact, version] of ARTIFACTS) {
    const jar = `${artifact}-${version}.jar`
    if (existsSync(join(directory, jar))) continue
    if (!runs('mvn', ['-version'])) return 'mvn is not installed'
    const what = [`-Dartifact=org.apache.iceberg:${artifact}:${version}`, `-DoutputDirectory=${partial}`]
    if (!runs('mvn', ['-q', '-B', COPY, ...what])) return `Maven has no ${artifact} ${version}`
    renameSync(join(partial, jar), join(directory, jar))
  }
  return null
}

function runs(command: string, options: readonly string[]): boolean {
  return spawnSync(command, options, { stdio: 'ignore' }).status === 0
}
