// Memory is measured after a full collection; the flag for it is set here, so that no bench must be started in a special way.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: unknown = runInNewContext('gc')

/** Bytes of live objects and buffers. */
export function liveBytes(): number {
  if (typeof collect !== 'function') throw new Error('no garbage collector to call')
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
