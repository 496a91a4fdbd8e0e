// Takes the sample out again, once somebody has read what that does.
import { Anchor } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { meQuery } from '../api/queries.ts'
import { queryClient } from '../api/query-client.ts'
import { messages } from '../messages.en.ts'
import { FormDialog } from './FormDialog.tsx'

export function RemoveSample() {
  const { data: me } = useQuery(meQuery)
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => call('removeSample', {}),
    onSuccess: () => {
      setAsking(false)
      return queryClient.invalidateQueries()
    },
  })
  if (me?.sample !== true || !me.permissions.includes('sources:write')) return null
  return (
    <>
      <Anchor component="button" type="button" inherit onClick={() => setAsking(true)}>
        {messages.sample.remove}
      </Anchor>
      {asking && (
        <FormDialog
          title={messages.sample.remove}
          action={messages.sample.remove}
          work={remove}
          onClose={() => setAsking(false)}
        >
          <p>{messages.sample.removeText}</p>
        </FormDialog>
      )}
    </>
  )
}
