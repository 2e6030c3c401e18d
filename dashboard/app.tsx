/** What all pages stand in. */
import { CSPProvider } from '@base-ui/react/csp-provider'
import { Tooltip } from '@base-ui/react/tooltip'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { Suspense } from 'react'
import { Route, Switch } from 'wouter'
import { ProblemError } from './api/http.ts'
import { PAGES } from './pages.tsx'
import { Shell } from './shell/shell.tsx'
import { useTheme } from './shell/theme.ts'
import { Empty, Loading } from './ui/states.tsx'
import { Toasts } from './ui/toast.tsx'

/** Asked again: what had no answer, or one that says to. */
const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (failures, error) => failures < 2 && error instanceof ProblemError && isPassing(error.status),
    },
  },
})

function isPassing(status: number): boolean {
  return status === 0 || status === 429 || status === 503
}

export function App() {
  useTheme()
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>
        <Tooltip.Provider>
          <Shell>
            <Suspense fallback={<Loading what="the page" />}>
              <Pages />
            </Suspense>
          </Shell>
          <Toasts />
        </Tooltip.Provider>
      </QueryClientProvider>
    </CSPProvider>
  )
}

function Pages() {
  return (
    <Switch>
      {Object.entries(PAGES).map(([path, { Page }]) => (
        <Route key={path} path={path} component={Page} />
      ))}
      <Route>
        <Empty title="There is no such page" />
      </Route>
    </Switch>
  )
}
