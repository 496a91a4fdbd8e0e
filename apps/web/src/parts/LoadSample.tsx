// Brings the sample into an empty store, for whoever may and has nothing to look at yet.
import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { meQuery } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { messages } from '../messages.en.ts'
import { ProblemNote } from './ProblemNote.tsx'

export function LoadSample() {
  const { data: me } = useQuery(meQuery)
  const load = useMutation({
    mutationFn: () => call('loadSample', {}),
    onSettled: () => queryClient.invalidateQueries(),
  })
  if (me === undefined || me.sample === true || !me.permissions.includes('sources:write')) return null
  return (
    <>
      <Button variant="default" loading={load.isPending} onClick={() => load.mutate()} title={messages.sample.hint}>
        {messages.sample.load}
      </Button>
      {load.isError && <ProblemNote error={load.error} />}
    </>
  )
}
