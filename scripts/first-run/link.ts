import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Makes `home/node_modules`: our tarball, and beside it what is installed at `root`. */
export function linkPackages(root: string, home: string, tarball: string): void {
  const from = join(root, 'node_modules')
  const to = join(home, 'node_modules')
  mkdirSync(join(to, '.bin'), { recursive: true })
  for (const name of readdirSync(from)) if (name !== '.bin') symlinkSync(join(from, name), join(to, name))
  for (const name of readdirSync(join(from, '.bin')))
    symlinkSync(join(from, '.bin', name), join(to, '.bin', name))
  mkdirSync(join(to, 'perdure'))
  execFileSync('tar', ['-xzf', tarball, '-C', join(to, 'perdure'), '--strip-components=1'])
  chmodSync(join(to, 'perdure/dist/cli/index.js'), 0o755) // as npm does
  symlinkSync('../perdure/dist/cli/index.js', join(to, '.bin/perdure'))
}
