import { describe, expect, test } from 'vitest'
import { isIp, isPrivate, macOf, portOf } from './endpoint.ts'
import { communityId, directionOf } from './network.ts'

describe('addresses', () => {
  test.each([
    ['192.0.2.1', true],
    ['0.0.0.0', true],
    ['256.1.1.1', false],
    ['1.2.3', false],
    ['1.2.3.4.5', false],
    ['1..2.3', false],
    ['192.0.2.1 ', false],
    ['::', true],
    ['::1', true],
    ['2001:db8::1', true],
    ['2001:db8:0:0:0:0:0:1', true],
    ['2001:db8::1::2', false],
    ['1:2:3:4:5:6:7', false],
    ['1:2:3:4:5:6:7:8:9', false],
    [':1:2:3:4:5:6:7', false],
    ['1:2:3:4:5:6:7:', false],
    ['::ffff:192.0.2.1', true],
    ['fe80::1%eth0', false],
    ['abc', false],
    ['12345::', false],
  ])('%s is an address: %s', (text, expected) => expect(isIp(text)).toBe(expected))

  test.each([
    ['0011.2233.AAbb', '00-11-22-33-AA-BB'],
    ['00:11:22:33:aa:bb', '00-11-22-33-AA-BB'],
    ['00-11', undefined],
    ['zz:11:22:33:aa:bb', undefined],
  ])('%s', (text, mac) => expect(macOf(text)).toBe(mac))
  test.each([
    ['80', 80],
    ['', undefined],
    ['-1', undefined],
    ['https', undefined],
  ])('port %s', (text, port) => expect(portOf(text)).toBe(port))
  test.each([
    ['10.0.0.1', true],
    ['172.31.0.1', true],
    ['172.32.0.1', false],
    ['fd00::1', true],
    ['2001:db8::1', false],
  ])('%s is private: %s', (ip, expected) => expect(isPrivate(ip)).toBe(expected))
  test('direction', () => expect(directionOf('10.0.0.1', '192.0.2.1')).toBe('outbound'))
})

// Baseline of the specification's repository (github.com/corelight/community-id-spec, baseline/baseline_deflt.json).
describe('Community ID', () => {
  test.each([
    ['128.232.110.120', '66.35.250.204', 6, 34855, 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
    ['66.35.250.204', '128.232.110.120', 6, 80, 34855, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
    ['192.168.1.52', '8.8.8.8', 17, 54585, 53, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
    ['192.168.0.89', '192.168.0.1', 1, 8, 0, '1:X0snYXpgwiv9TZtqg64sgzUn6Dk='],
  ])('%s > %s', (source, destination, protocol, from, to, id) =>
    expect(communityId(source, destination, protocol, from, to)).toBe(id),
  )
  test('of two families there is none', () => expect(communityId('192.0.2.1', '2001:db8::1', 6, 1, 2)).toBeUndefined())
})
