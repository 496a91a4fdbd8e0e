// One function to call the server, typed by the route table: names, not URLs.
import { type EndpointName, endpoints, type Problem, type RouteInput, type RouteOutput } from '@varde/api/contract'

/** The server's problem details, or the network's silence, as an error that a page can show. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly hint: string | undefined
  readonly errors: NonNullable<Problem['errors']>
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.name = 'ApiError'
    this.status = problem.status
    this.code = problem.code
    this.hint = problem.hint
    this.errors = problem.errors ?? []
  }
}

interface Parts {
  params?: Record<string, unknown>
  query?: Record<string, unknown>
  body?: unknown
}

/** The URL of an endpoint with its parameters filled in. */
export function urlOf<Name extends EndpointName>(name: Name, input: RouteInput<Name>): string {
  const parts: Parts = input ?? {}
  const path = endpoints[name].path.replace(/:(\w+)/g, (_, key: string) =>
    encodeURIComponent(String(parts.params?.[key] ?? '')),
  )
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(parts.query ?? {})) {
    if (value !== undefined && value !== '') query.set(key, String(value))
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Calls an endpoint. Throws an `ApiError`; `signal` cancels. */
export async function call<Name extends EndpointName>(
  name: Name,
  input: RouteInput<Name>,
  signal?: AbortSignal,
): Promise<RouteOutput<Name>> {
  const parts: Parts = input ?? {}
  const init: RequestInit = {
    method: endpoints[name].method,
    credentials: 'same-origin',
    headers: { accept: 'application/json' },
  }
  if (parts.body !== undefined) {
    init.headers = { accept: 'application/json', 'content-type': 'application/json' }
    init.body = JSON.stringify(parts.body)
  }
  if (signal !== undefined) init.signal = signal
  const response = await fetch(urlOf(name, input), init).catch((cause: unknown) => {
    if (signal?.aborted === true) throw cause
    throw new ApiError({
      type: 'about:blank',
      title: 'The server does not answer',
      status: 0,
      code: 'NETWORK',
      hint: 'Check that Varde is running, then try again.',
    })
  })
  if (!response.ok) throw new ApiError(await problemOf(response))
  return response.json()
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText || `HTTP ${response.status}`,
    status: response.status,
    code: `HTTP_${response.status}`,
  }
  const body: unknown = await response.json().catch(() => undefined)
  return isProblem(body) ? body : fallback
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false
  return (
    'title' in body &&
    typeof body.title === 'string' &&
    'status' in body &&
    typeof body.status === 'number' &&
    'code' in body
  )
}
