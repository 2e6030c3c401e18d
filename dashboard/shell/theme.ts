import { useEffect } from 'react'
import { useSession } from '../api/session.ts'

/** Without a theme of its own the page has that of the system: the tokens are `light-dark()`. */
export function useTheme(): void {
  const { theme } = useSession()
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
  }, [theme])
}
