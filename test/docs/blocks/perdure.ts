/** The command `perdure`, by its own parser; nothing is done. */
import { CommanderError } from '@commander-js/extra-typings'
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { programOf } from '../../../cli/program.ts'
import type { Screen } from '../../../cli/world.ts'

/** What a line in a sentence may lack: `perdure start` stands for all that `start` does. */
const NAMED_ONLY = ['missingArgument', 'missingMandatoryOptionValue', 'invalidArgument', 'help']

export function wrongPerdure(args: readonly string[], inSentence: boolean): string[] {
  const said: string[] = []
  const screen: Screen = { write: (text) => said.push(text), colours: false, terminal: null }
  const { root } = programOf({
    cwd: '.',
    stdout: screen,
    stderr: screen,
    readStdin: () => Promise.reject(new Error('nothing is read')),
    connect: () => {
      throw new Error('nobody is asked')
    },
    interrupted: AbortSignal.abort(),
  })
  disarm(root)
  try {
    root.parse(args, { from: 'user' })
    return []
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const isNamed = inSentence && NAMED_ONLY.includes(error.code.replace('commander.', ''))
    return error.exitCode === 0 || isNamed ? [] : [said.join('').trim()]
  }
}

function disarm(command: CommandUnknownOpts): void {
  for (const one of command.commands) {
    one.action(() => {})
    disarm(one)
  }
}
