import { lazy, Suspense } from 'react'
import type { FormDialogProps } from './form-dialog.tsx'

const FormDialog = lazy(() => import('./form-dialog.tsx'))

/** A dialog for an action, loaded when the first one is opened. */
export function Ask(props: FormDialogProps) {
  return (
    <Suspense>
      <FormDialog {...props} />
    </Suspense>
  )
}
