/**
 * `npm run sbom`: the bill of materials of the package, dist/sbom.cdx.json (CycloneDX), of the versions that are locked. The
 * tools of development are taken out of the lockfile first: beside those npm leaves out what both need.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const home = mkdtempSync(join(tmpdir(), 'perdure-sbom-'))
try {
  const project = join(home, 'perdure') // npm takes the name of the folder
  mkdirSync(project)
  const { devDependencies: _, scripts: __, ...shipped } = JSON.parse(read('package.json'))
  writeFileSync(join(project, 'package.json'), JSON.stringify(shipped))
  cpSync(join(root, 'package-lock.json'), join(project, 'package-lock.json'))
  const npm = (...args: string[]): Buffer =>
    execFileSync('npm', [...args, '--package-lock-only'], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  npm('install', '--no-audit', '--no-fund')
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(
    join(root, 'dist/sbom.cdx.json'),
    npm('sbom', '--sbom-format=cyclonedx', '--sbom-type=library'),
  )
} finally {
  rmSync(home, { recursive: true })
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
