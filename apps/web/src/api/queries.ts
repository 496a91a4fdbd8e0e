// What pages ask the server for, with the keys that it is cached under.
import { queryOptions } from '@tanstack/react-query'
import type { EndpointName, RouteInput } from '@varde/api/contract'
import { call } from './client.ts'

/** Any endpoint as a cached question; equal input is one question. */
export function ask<Name extends EndpointName>(name: Name, input: RouteInput<Name>) {
  return queryOptions({ queryKey: [name, input], queryFn: ({ signal }) => call(name, input, signal) })
}

export const meQuery = { ...ask('me', {}), staleTime: 60_000, retry: false }
export const healthQuery = { ...ask('health', {}), staleTime: 5_000, retry: false }
export const fieldsQuery = { ...ask('fields', {}), staleTime: 60_000 }
export const datasetsQuery = { ...ask('datasets', {}), staleTime: Number.POSITIVE_INFINITY }
export const peopleQuery = { ...ask('people', {}), staleTime: 60_000 }
