import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? PLACES.find((path) => existsSync(path))
  if (executablePath === undefined)
    throw new Error(`there is no Chromium at ${PLACES.join(', ')}: apt-get install chromium, or set CHROMIUM`)
  return await chromium.launch({ executablePath, args: ['--no-sandbox'] }) // as root there is none
}
