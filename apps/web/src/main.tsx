// Starts the app in the page.
import '@mantine/core/styles.css'
import './tokens.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/query-client.ts'
import { router } from './router.tsx'
import { cssVariablesResolver, theme } from './theme.ts'

// A tab that was open over an upgrade asks for scripts that are gone: the page of now has those of now.
window.addEventListener('vite:preloadError', () => {
  const [key, now] = ['varde.reloaded', Date.now()]
  // Once: where they are still missing then, the page says what is wrong.
  if (now - Number(sessionStorage.getItem(key)) < 30_000) return
  sessionStorage.setItem(key, String(now))
  window.location.reload()
})

// The page's script comes while the server is asked who is there.
// Where it fails, the router asks again and says so.
const [matched] = router.getMatchedRoutes(window.location.pathname)
for (const route of matched) router.loadRouteChunk(route)?.catch(() => undefined)

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      colorSchemeManager={localStorageColorSchemeManager({ key: 'varde.theme' })}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
