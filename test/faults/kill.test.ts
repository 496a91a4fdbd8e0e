// kill -9 of the whole program under attack: nothing acknowledged is lost or doubled, every chain verifies, and the alerts are
// those of a run that was never disturbed, over the same recorded raw input. VARDE_SOAK=1: 50 kills instead of 4.
import { test } from 'vitest'
import { underAttack } from './attack-run.ts'

const kills = process.env['VARDE_SOAK'] === '1' ? 50 : 4

test(
  `${kills} kills under attack: nothing lost, nothing doubled, the alerts of an undisturbed run`,
  {
    timeout: 300_000 + kills * 30_000,
  },
  () =>
    underAttack({
      name: `${kills} kills`,
      config: '',
      async disturb(restart) {
        for (let kill = 0; kill < kills; kill += 1) {
          await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 2_500))
          await restart()
        }
      },
    }),
)
