// Loaded into the program before anything else (`--import`): its clock is off by what stands in a file, in all of its threads.
import { readFileSync } from 'node:fs'

const file = process.env['VARDE_TEST_CLOCK'] ?? ''
const RealDate = Date
const realNow = Date.now
let offset = 0

function look(): void {
  try {
    offset = Number(readFileSync(file, 'utf8'))
  } catch {
    offset = 0
  }
}

look()
setInterval(look, 20).unref()
const now = () => realNow() + offset
RealDate.now = now
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
})
