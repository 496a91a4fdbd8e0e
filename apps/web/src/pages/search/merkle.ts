// Recomputes an event's Merkle path in the browser, so that the badge is not the server's word alone.

function bytesOf(hex: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^(?:[0-9a-f]{2})+$/.test(hex)) return undefined
  const bytes = new Uint8Array(hex.length / 2)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16)
  return bytes
}

/**
 * Does the leaf with its siblings, from the leaf up, give the root (RFC 6962 §2.1: SHA-256 of 0x01, left, right)?
 * `undefined` where the browser has no SHA-256, as on an unencrypted address that is not this machine.
 */
export async function pathHolds(
  leaf: string,
  path: { side: 'left' | 'right'; digest: string }[],
  root: string,
): Promise<boolean | undefined> {
  if (globalThis.crypto?.subtle === undefined) return undefined
  let node = bytesOf(leaf)
  for (const step of path) {
    const sibling = bytesOf(step.digest)
    if (node === undefined || sibling === undefined) return false
    const [left, right] = step.side === 'left' ? [sibling, node] : [node, sibling]
    const joined = new Uint8Array(1 + left.length + right.length)
    joined[0] = 1
    joined.set(left, 1)
    joined.set(right, 1 + left.length)
    node = new Uint8Array(await crypto.subtle.digest('SHA-256', joined))
  }
  const hex = node === undefined ? '' : Array.from(node, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex === root
}
