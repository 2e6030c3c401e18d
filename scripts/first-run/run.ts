/** Commands as a person would type them, in a shell that npm did not start. */
import { execFile } from 'node:child_process'

/** What it said on stdout; rejects, with all that it said, when it ends with anything but 0. */
export function run(
  cwd: string,
  [command, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { cwd, env: { ...plainEnv(), ...env }, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        if (error)
          reject(new Error(`${[command, ...args].join(' ')}: ${error.message}\n${stdout}\n${stderr}`))
        else resolve(stdout)
      },
    )
  })
}

/** Without what npm tells the scripts that it runs: which package they belong to. */
export function plainEnv(): NodeJS.ProcessEnv {
  const ofNpm = /^(npm_(package|lifecycle|command|config_local_prefix|execpath)|INIT_CWD)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofNpm.test(name)))
}
