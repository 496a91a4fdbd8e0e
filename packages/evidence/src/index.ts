// Leaves, Merkle trees, seals, chains, proofs and the offline verifier; pure, `node:crypto` only.
export { digestOf, drawSeeds, noDigest, seedBytes } from './digest.ts'
export {
  type EntriesCheck,
  type EntryLink,
  entryHash,
  entryId,
  isEntryStream,
  type SealedEntry,
  sealEntry,
  tipOfEntry,
  verifyEntries,
  verifyEntry,
  withholdEntry,
} from './entry.ts'
export { type EntryDocuments, type EntryStreams, openEntryStreams } from './entry-streams.ts'
export {
  type ChainTip,
  type Head,
  type HeadsCheck,
  headHash,
  type SignatureProof,
  type SignedHead,
  signatureProof,
  signHead,
  tipOf,
  verifyHead,
  verifyHeads,
  verifySignatureProof,
} from './head.ts'
export { createKey, type KeyRecord, type SigningKey, verifyKeys } from './key.ts'
export {
  contentDigest,
  type EventLeaf,
  hashDeadLetter,
  hashEvent,
  hashOther,
  type Leaf,
  type LeafKind,
  leafOf,
  leafVersion,
  type Place,
  rawHalfOf,
  type SealedDeadLetter,
  type SealedEvent,
  saltOf,
  textHalfOf,
} from './leaf.ts'
export { merklePath, merkleRoot, rootOfPath } from './merkle.ts'
export { type EventProof, type Half, type ProofCheck, provable, verifyEventProof } from './proof.ts'
export {
  type ChainCheck,
  type Check,
  type GapInput,
  type SealHead,
  type SealInput,
  sealBatch,
  sealGap,
  sealHash,
  sealHead,
  sealProblem,
  verifyChain,
  verifyLink,
  verifySeal,
} from './seal.ts'
export { type Chain, type SealFinding, type VerifySources, type VerifyStep, verifyFolderSeals } from './verify.ts'
