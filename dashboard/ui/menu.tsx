import { Menu } from '@base-ui/react/menu'
import type { LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'

/** A button that opens a list of things to do. */
export function ActionMenu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger render={trigger} />
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end">
          <Menu.Popup className="popup">{children}</Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

interface ItemProps {
  label: string
  icon?: LucideIcon
  danger?: boolean
  disabled?: boolean
  onPick: () => void
}

export function ActionItem({ label, icon: Icon, danger, disabled, onPick }: ItemProps) {
  return (
    <Menu.Item
      className="menu-item"
      data-danger={danger ? '' : undefined}
      disabled={disabled ?? false}
      onClick={onPick}
    >
      {Icon && <Icon aria-hidden />}
      {label}
    </Menu.Item>
  )
}

export function ActionLine() {
  return <Menu.Separator className="menu-line" />
}
