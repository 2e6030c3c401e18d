/** A dialog that asks for what an action needs, does it, and shows its refusal or its answer. */
import { Dialog } from '@base-ui/react/dialog'
import { useMutation } from '@tanstack/react-query'
import { isValidElement, useEffect, useId, useRef, useState } from 'react'
import type { SubmitEvent } from 'react'
import { useSearch } from 'wouter/use-browser-location'
import { ProblemError } from '../api/http.ts'
import type { Json as JsonValue } from '../../shared/payload.ts'
import type { FormAction, FormField, FormValues } from './form.ts'
import { Json } from './json.tsx'

export interface FormDialogProps {
  action: FormAction
  onClose: () => void
  /** Once it has been done and has answered nothing. */
  onDone: () => void
}

export default function FormDialog({ action, onClose, onDone }: FormDialogProps) {
  const search = useSearch()
  const opened = useRef(search)
  useEffect(() => {
    if (search !== opened.current) onClose() // a link of the answer leads away
  }, [search, onClose])
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>{action.title}</Dialog.Title>
          <Dialog.Description className="soft">{action.description}</Dialog.Description>
          <Form action={action} onDone={onDone} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Form({ action, onDone }: Omit<FormDialogProps, 'onClose'>) {
  const [wrong, setWrong] = useState<{ name: string; message: string } | null>(null)
  const done = useMutation({
    mutationFn: action.run,
    onSuccess: (answer) => {
      if (answer === undefined) onDone()
    },
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const read = readForm(action.fields, new FormData(event.currentTarget))
    setWrong(read.wrong)
    if (read.wrong === null) done.mutate(read.values)
  }
  return (
    <form onSubmit={submit}>
      {action.fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          wrong={wrong?.name === field.name ? wrong.message : undefined}
        />
      ))}
      {done.error && <Refused error={done.error} />}
      {done.isSuccess && done.data !== undefined && <Answer value={done.data} />}
      <footer>
        <Dialog.Close className="button">Close</Dialog.Close>
        <button
          className="button"
          data-look={action.danger ? 'danger' : 'primary'}
          type="submit"
          disabled={done.isPending}
        >
          {done.isPending ? 'Working…' : action.verb}
        </button>
      </footer>
    </form>
  )
}

function Field({ field, wrong }: { field: FormField; wrong: string | undefined }) {
  const id = useId()
  const told = wrong ?? field.hint
  const control = {
    id,
    name: field.name,
    className: 'input',
    required: field.required ?? false,
    defaultValue: field.initial ?? '',
    'aria-invalid': wrong !== undefined,
    ...(told !== undefined && { 'aria-describedby': `${id}-told` }),
  }
  return (
    <div className="field">
      <label htmlFor={id}>{field.label}</label>
      {field.kind === 'json' ? (
        <textarea {...control} spellCheck={false} />
      ) : (
        <input {...control} type={field.kind} list={`${id}-list`} autoComplete="off" step="any" />
      )}
      <datalist id={`${id}-list`}>
        {field.suggestions?.map((text) => (
          <option key={text}>{text}</option>
        ))}
      </datalist>
      {told !== undefined && (
        <span id={`${id}-told`} className={wrong === undefined ? 'soft small' : 'wrong'}>
          {told}
        </span>
      )}
    </div>
  )
}

function Refused({ error }: { error: Error }) {
  const where = error instanceof ProblemError ? (error.path ?? error.code) : error.name
  return (
    <p className="wrong" role="alert">
      <code>{where}</code> {error.message}
    </p>
  )
}

function Answer({ value }: { value: unknown }) {
  return (
    <div className="field" role="status">
      <span className="label">Answer</span>
      {isValidElement(value) ? value : <Json value={value} label="the answer" />}
    </div>
  )
}

function readForm(
  fields: readonly FormField[],
  data: FormData,
): { values: FormValues; wrong: { name: string; message: string } | null } {
  const values: Record<string, JsonValue | undefined> = {}
  for (const { name, kind } of fields) {
    const given = data.get(name)
    const text = typeof given === 'string' ? given.trim() : ''
    try {
      values[name] = valueOf(kind, text)
    } catch (error) {
      return { values, wrong: { name, message: error instanceof Error ? error.message : String(error) } }
    }
  }
  return { values, wrong: null }
}

/** Throws what is wrong with the text. */
function valueOf(kind: FormField['kind'], text: string): JsonValue | undefined {
  if (text === '') return undefined
  if (kind === 'json') return JSON.parse(text)
  if (kind === 'number') return Number(text)
  return kind === 'datetime-local' ? new Date(text).toISOString() : text
}
