// The cache of what the server said. Nothing is retried where the answer would be the same.
import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './client.ts'

/** A session that has ended sends the person to sign in, and back to where they were. */
function onError(error: Error, key: readonly unknown[]): void {
  if (!(error instanceof ApiError) || error.status !== 401 || key[0] === 'me') return
  const here = window.location.pathname + window.location.search
  window.location.assign(`/sign-in?to=${encodeURIComponent(here)}`)
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error, query) => onError(error, query.queryKey) }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
    },
  },
})
