import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'

const manager = Toast.createToastManager()

/** Says what has been done, or why it has not. */
export function say(title: string, description?: string): void {
  manager.add({ title, description })
}

export function complain(title: string, error: Error): void {
  manager.add({ type: 'error', title, description: error.message, priority: 'high' })
}

export function Toasts() {
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function List() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast">
      <Toast.Title render={<strong />} />
      <Toast.Close className="button" data-look="bare" data-square aria-label="Dismiss">
        <X aria-hidden />
      </Toast.Close>
      <Toast.Description className="soft" />
    </Toast.Root>
  ))
}
