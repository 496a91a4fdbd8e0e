import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isWithin } from './rule-folders.ts'

const here = process.cwd()

test.each([
  { file: join(here, 'detections/vpn/a.yaml'), path: 'detections/vpn/a.yaml', within: true },
  { file: join(here, 'detections/vpn/a.yaml'), path: 'detections/', within: true },
  { file: 'detections/vpn/a.yaml', path: '.', within: true },
  { file: 'detections/vpn/a.yaml', path: 'detections/vp', within: false },
  { file: 'detections/vpn/a.yaml', path: 'detections/vpn/b.yaml', within: false },
  { file: 'detections/..a.yaml', path: 'detections', within: true },
])('$file is named by $path: $within', ({ file, path, within }) => {
  expect(isWithin(file, path)).toBe(within)
})
