// A replay from its start to its end, as a page watches it.
import { useMutation, useQuery } from '@tanstack/react-query'
import type { RouteInput, RouteOutput } from '@varde/api/contract'
import { call } from '../../api/client.ts'
import { ask } from '../../api/queries.ts'

export type ReplayJob = RouteOutput<'replay'>
const lookAgainMs = 700
const goesOn = (state: ReplayJob['state'] | undefined) => state === 'queued' || state === 'running'

export interface WatchedReplay {
  start: (input: RouteInput<'startReplay'>['body']) => void
  stop: () => void
  job: ReplayJob | undefined
  running: boolean
  error: Error | null
}

export function useReplay(): WatchedReplay {
  const begin = useMutation({ mutationFn: (body: RouteInput<'startReplay'>['body']) => call('startReplay', { body }) })
  const id = begin.data?.id
  const watched = useQuery({
    ...ask('replay', { params: { id: id ?? '' } }),
    enabled: id !== undefined,
    refetchInterval: (query) => (goesOn(query.state.data?.state ?? 'running') ? lookAgainMs : false),
  })
  const job = watched.data ?? begin.data
  return {
    start: begin.mutate,
    stop: () => {
      if (id !== undefined) void call('cancelReplay', { params: { id } }).then(() => watched.refetch())
    },
    job,
    running: begin.isPending || goesOn(job?.state),
    error: begin.error ?? watched.error,
  }
}
