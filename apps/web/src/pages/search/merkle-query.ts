// The browser's own check of a proof, cached by what it depends on.
import { queryOptions } from '@tanstack/react-query'
import type { EventProof } from '@varde/api/contract'
import { pathHolds } from './merkle.ts'

export function merkleQuery(proof: EventProof) {
  const root = proof.seal?.root
  return queryOptions({
    queryKey: ['merkle', proof.leaf, root, proof.path],
    staleTime: Number.POSITIVE_INFINITY,
    enabled: root !== undefined && proof.path !== undefined,
    queryFn: async (): Promise<'holds' | 'fails' | 'cannot'> => {
      const holds = await pathHolds(proof.leaf, proof.path ?? [], root ?? '')
      return holds === undefined ? 'cannot' : holds ? 'holds' : 'fails'
    },
  })
}
