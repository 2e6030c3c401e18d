/** What an action asks for before it is done. */
import type { Json } from '../../shared/payload.ts'

export interface FormField {
  readonly name: string
  readonly label: string
  /** `json`: what is typed in is JSON; nothing typed in is `undefined`. */
  readonly kind: 'text' | 'json' | 'number' | 'datetime-local'
  readonly required?: boolean
  readonly initial?: string
  readonly hint?: string
  /** Offered while typing. */
  readonly suggestions?: readonly string[]
}

export type FormValues = Readonly<Record<string, Json | undefined>>

/** What was typed into a field that is no JSON; empty where nothing was. */
export function textIn(values: FormValues, name: string): string {
  const value = values[name]
  return typeof value === 'string' ? value : ''
}

export interface FormAction {
  readonly title: string
  readonly description: string
  /** What the button says. */
  readonly verb: string
  readonly danger?: boolean
  readonly fields: readonly FormField[]
  /** What it answers is shown, unless it is undefined: an element as it is, anything else as JSON. */
  readonly run: (values: FormValues) => Promise<unknown>
}
