// A case and how to change it: what was seen is what is changed, or nothing is.
import { useMutation } from '@tanstack/react-query'
import type { CaseDetail, RouteInput } from '@varde/api/contract'
import { call } from '../../api/client.ts'
import { refreshCases } from './case-query.ts'

export type Change = RouteInput<'changeCase'>['body']['changes'][number]

/** Kinds that only add can stand beside whatever others have done meanwhile. */
const adds = ['add-note', 'add-task', 'add-person', 'add-entry', 'filing']

export function useCaseChange({ case: { id, revision } }: CaseDetail) {
  return useMutation({
    mutationFn: (changes: Change[]) =>
      call('changeCase', {
        params: { id },
        body: { ...(changes.every(({ kind }) => adds.includes(kind)) ? {} : { revision }), changes },
      }),
    onSettled: refreshCases,
  })
}

export type CaseChanger = ReturnType<typeof useCaseChange>
