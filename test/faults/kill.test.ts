// kill -9 of the whole program under attack, and a clock that jumps: nothing acknowledged is lost or doubled, every chain verifies, and
// the alerts are those of a run that was never disturbed, over the same recorded raw input. VARDE_SOAK=1: 50 kills instead of 4.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, test } from 'vitest'
import { underAttack } from './attack-run.ts'
import { pause } from './in-turn.ts'

const kills = process.env['VARDE_SOAK'] === '1' ? 50 : 4
/** Beyond the lateness that is allowed, and back beyond what was already stamped; over a kill nothing remembers what was. */
const jumpsMs = [12_000, -8_000]
const folder = mkdtempSync(join(tmpdir(), 'varde-clock-'))
const clock = join(folder, 'offset')

beforeAll(() => {
  process.env['VARDE_TEST_CLOCK'] = clock
  process.env['NODE_OPTIONS'] = `--import=${pathToFileURL(join(import.meta.dirname, 'jumping-clock.ts'))}`
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test(
  `${kills} kills and as many jumps of the clock under attack: nothing lost, nothing doubled, the alerts of an undisturbed run`,
  {
    timeout: 600_000 + kills * 30_000,
  },
  () =>
    underAttack({
      name: `${kills} kills, ${kills} jumps of the clock`,
      config: '',
      async disturb(restart) {
        for (let kill = 0; kill < kills; kill += 1) {
          await pause(200 + Math.random() * 1_500)
          writeFileSync(clock, String(jumpsMs[kill % jumpsMs.length]))
          await pause(200 + Math.random() * 1_500)
          await restart()
        }
        writeFileSync(clock, '0')
        // Arrivals never go back: until the clock has caught up with the last jump, they stand still.
        await pause(Math.max(...jumpsMs))
      },
    }),
)
