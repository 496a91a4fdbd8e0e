// Signs what is sealed, publishes and stamps it, and lets go of what must go: erased on order, expired by age.
export { lastSealOf, linksTo, sealAt, sealChains } from './chains.ts'
export { createErasure, type Erasure, type ErasureOrder, type ErasureResult, erasuresStream } from './erasure.ts'
export { createExpiry, type Expiry, type ExpiryOptions, retentionStream } from './expiry.ts'
export {
  chainsStream,
  createHeads,
  type Heads,
  type HeadsOptions,
  type HeadsStatus,
  headAt,
  lastHead,
} from './heads.ts'
export { keptLeaves } from './kept-leaves.ts'
export { type KeyRing, type KeyRingOptions, keysStream, openKeyRing, publicKeyPem } from './key-ring.ts'
export { commandPublisher, filePublisher, type Publisher, publishedHead, webhookPublisher } from './publish.ts'
export { createSignatures, type Signatures } from './signatures.ts'
export { allStamps, type Stamper, type StoredStamp, stampsOf } from './stamp.ts'
