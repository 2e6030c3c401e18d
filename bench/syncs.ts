/** How often the processes of a group ask the disk to keep what they wrote, by strace; Linux only, and where it may be used. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Only these calls stop a process: the others cost it nothing. */
const OPTIONS = ['-f', '--seccomp-bpf', '-qq', '-e', 'trace=fsync,fdatasync', '-o']
/** Until strace has written what it has seen. */
const WRITTEN_AFTER_MS = 200

export function canTrace(): boolean {
  return spawnSync('strace', [...OPTIONS, '/dev/null', process.execPath, '--version']).status === 0
}

/** The command under a tracer that writes to `file`. */
export function traced(file: string, command: readonly string[]): string[] {
  return ['strace', ...OPTIONS, file, ...command]
}

export async function syncsIn(file: string): Promise<number> {
  await sleep(WRITTEN_AFTER_MS)
  return syncsOf(readFileSync(file, 'utf8'))
}

/** A call that was interrupted by another process's has two lines, the second of which says `resumed`. */
export function syncsOf(trace: string): number {
  return trace.match(/\bf(?:data)?sync\(/g)?.length ?? 0
}
