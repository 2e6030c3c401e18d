import { useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { ReactNode, SubmitEvent } from 'react'
import { changeSession, useSession } from '../api/session.ts'
import type { Clock, Theme } from '../api/session.ts'
import { Page } from '../shell/page.tsx'
import { say } from '../ui/toast.tsx'
import './settings.css'

export default function SettingsPage() {
  return (
    <Page title="Settings">
      <Connection />
      <Looks />
    </Page>
  )
}

function Connection() {
  const session = useSession()
  const client = useQueryClient()
  const connect = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const [token, namespace] = [textOf(data, 'token'), textOf(data, 'namespace') || 'default']
    changeSession({ token, namespace })
    client.clear()
    say('Connected', `Namespace ${namespace}`)
  }
  return (
    <section className="panel" aria-labelledby="connection">
      <header>
        <h2 id="connection">Connection</h2>
      </header>
      <form className="panel-body settings" onSubmit={connect}>
        <Setting
          name="token"
          label="Token"
          type="password"
          initial={session.token}
          hint="A secret API_TOKEN, API_TOKEN_WRITE or API_TOKEN_READ of the scheduler; kept until this tab is closed. In npm run dev it is dev. None is needed behind Cloudflare Access."
        />
        <Setting
          name="namespace"
          label="Namespace"
          type="text"
          initial={session.namespace}
          hint="Its runs, schedules and figures are shown."
        />
        <div>
          <button className="button" data-look="primary" type="submit">
            Connect
          </button>
        </div>
      </form>
    </section>
  )
}

function textOf(data: FormData, name: string): string {
  const given = data.get(name)
  return typeof given === 'string' ? given.trim() : ''
}

interface SettingProps {
  name: string
  label: string
  type: string
  initial: string
  hint: string
}

function Setting({ name, label, type, initial, hint }: SettingProps) {
  const id = useId()
  const [text, setText] = useState(initial)
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        name={name}
        type={type}
        value={text}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={`${id}-hint`}
        onChange={({ target }) => setText(target.value)}
      />
      <span id={`${id}-hint`} className="soft small">
        {hint}
      </span>
    </div>
  )
}

const THEMES: Readonly<Record<Theme, string>> = { system: 'As the system', light: 'Light', dark: 'Dark' }
const CLOCKS: Readonly<Record<Clock, string>> = { local: 'Local time', utc: 'UTC' }

function Looks() {
  const { theme, clock } = useSession()
  return (
    <section className="panel" aria-labelledby="looks">
      <header>
        <h2 id="looks">Looks</h2>
      </header>
      <div className="panel-body settings">
        <Choices
          label="Theme"
          options={THEMES}
          value={theme}
          onChoose={(value) => changeSession({ theme: value })}
        />
        <Choices
          label="Times"
          options={CLOCKS}
          value={clock}
          onChoose={(value) => changeSession({ clock: value })}
        />
      </div>
    </section>
  )
}

interface ChoicesProps<T extends string> {
  label: string
  options: Readonly<Record<T, string>>
  value: T
  onChoose: (value: T) => void
}

function Choices<T extends string>({ label, options, value, onChoose }: ChoicesProps<T>): ReactNode {
  const name = useId()
  return (
    <fieldset className="choices">
      <legend className="label">{label}</legend>
      {Object.entries<string>(options).map(([one, text]) => (
        <label key={one}>
          <input type="radio" name={name} checked={one === value} onChange={() => onChoose(one as T)} />{' '}
          {text}
        </label>
      ))}
    </fieldset>
  )
}
