// Leaves, Merkle trees, seals, chains, proofs and the offline verifier; pure, `node:crypto` only.
export {}
