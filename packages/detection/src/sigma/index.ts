// Importing Sigma rules: the public names.
export {
  type ImportedRule,
  type ImportProblem,
  type ImportReport,
  importSigma,
  type SigmaImport,
} from './import-sigma.ts'
