// Leaves, Merkle trees, seals, chains, proofs and the offline verifier; pure, `node:crypto` only.
export {
  type AlertProof,
  type AlertProofReport,
  alertsStream,
  type DecidedAlert,
  decidedDigest,
  decidedPart,
  valueAt,
  verifyAlertProof,
} from './alert-proof.ts'
export { type BundleEvidence, evidenceFiles } from './bundle/contents.ts'
export type { BundleFinding, BundleManifest } from './bundle/open.ts'
export {
  type BundleRecord,
  type RecordFiles,
  recordOfDeadLetter,
  recordOfEvent,
  withholdRecord,
  writeProof,
  writeRecord,
} from './bundle/records.ts'
export { type BundleReport, verifyBundle } from './bundle/verify.ts'
export {
  type BundleContent,
  type BundleFacts,
  type BundleFile,
  type BundleSigner,
  type BundleWriter,
  createBundleWriter,
} from './bundle/write.ts'
export { type BundleSink, type BundleSource, bundleBytesMax, bundleOrder, isBundlePath } from './bundle/zip.ts'
export { digestOf, drawSeeds, noDigest, seedBytes } from './digest.ts'
export {
  type EntriesCheck,
  type EntryLink,
  type EntrySignature,
  entryHash,
  entryId,
  isEntryStream,
  type SealedEntry,
  sealEntry,
  tipOfEntry,
  verifyEntries,
  verifyEntry,
  verifyEntrySignature,
  withholdEntry,
} from './entry.ts'
export { type EntryDocuments, type EntryStreams, openEntryStreams } from './entry-streams.ts'
export {
  type ChainTip,
  chainName,
  composeHead,
  type Head,
  type HeadsCheck,
  headHash,
  headText,
  revokedSince,
  type SignatureProof,
  type SignedHead,
  signatureProof,
  signedPlace,
  signHead,
  tipOf,
  verifyHead,
  verifyHeads,
  verifySignatureProof,
} from './head.ts'
export {
  createKey,
  drawKeyPair,
  type KeyRecord,
  localSigner,
  recordKey,
  type Signer,
  type SigningKey,
  signatureHoldsBytes,
  verifyKeys,
} from './key.ts'
export {
  contentDigest,
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
export { joinProofs, proveLeaves, rootOfLeaves } from './many-leaves.ts'
export { merklePath, merkleRoot, rootOfPath } from './merkle.ts'
export {
  countOfRuns,
  mergeRuns,
  offsetsOf,
  packRuns,
  type Run,
  runsHave,
  runsOf,
  runsWithin,
  unpackRuns,
} from './offsets.ts'
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
export { stampRequest } from './timestamp/request.ts'
export { type StampAuthority, type StampCheck, verifyStamp } from './timestamp/verify.ts'
export {
  type Chain,
  leavesOf,
  type SealFinding,
  type VerifySources,
  type VerifyStep,
  verifyFolderSeals,
} from './verify.ts'
