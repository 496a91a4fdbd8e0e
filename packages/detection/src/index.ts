// Rules over events make alerts: compile, match, correlate, replay, test, explain.
export {
  type CompiledExpression,
  type CompileError,
  compileExpression,
  createHelperEnvironment,
  createRuleIndex,
  type HelperEnvironment,
  helpers,
  type IndexedRule,
  type RuleIndex,
} from './compile/index.ts'
export { type AlertWrite, alertDocument, type DetectedAlert } from './correlate/alert.ts'
export { type Correlation, type CorrelationDeps, createCorrelation } from './correlate/correlation.ts'
export {
  type Correlator,
  type CorrelatorOptions,
  type CorrelatorSnapshot,
  type CorrelatorStats,
  createCorrelator,
} from './correlate/correlator.ts'
export type { Past } from './correlate/past.ts'
export type { RevisionCounts } from './correlate/revisions.ts'
export { type DetectFilesOptions, type Detection, detectFiles, type ReadEvent, readEvents } from './detect-files.ts'
export { type ExplainedClause, type ExplainedCondition, type Explanation, explain } from './explain/explain.ts'
export { type ExplainedWindow, explainWindow } from './explain/explain-window.ts'
export { suppressorOf } from './explain/suppression.ts'
export { diffAlerts, projectionOf, type ReplayDiff } from './replay/diff-alerts.ts'
export { readHits } from './replay/read-hits.ts'
export {
  lookBackOf,
  type ReplayOptions,
  type ReplayProgress,
  type ReplayResult,
  type ReplaySource,
  replay,
} from './replay/replay.ts'
export {
  createReplays,
  listValues,
  type ReplayJob,
  type ReplayOutcome,
  type ReplayRequest,
  type Replays,
  type ReplayWork,
  type RunReplay,
  runReplayWork,
} from './replay/replays.ts'
export { type ReportOptions, replayJUnit, replayMarkdown, signed } from './replay/report.ts'
export { type ReplayedAlert, type ReplaySummary, type RuleSummary, summaryOf } from './replay/summary.ts'
export { compileRule, engineVersion } from './rules/compile-rule.ts'
export { type DiffLine, diffText } from './rules/diff-text.ts'
export { contentDigest, hitsOf, matcherOf, windowTime } from './rules/hit.ts'
export { type LintFinding, type LintOptions, lintRule } from './rules/lint.ts'
export { createLists, emptyLists, type List, type Lists, readLists } from './rules/lists.ts'
export { type LoadedRules, loadRules } from './rules/load-rules.ts'
export type { CompiledException, CompiledRule, CompileRuleResult, Plan, RuleError } from './rules/rule.ts'
export { openRuleBook, type RuleBook } from './rules/rule-book.ts'
export { type CandidateHit, createRuleSet, type RuleCounts, type RuleSet } from './rules/rule-set.ts'
export { createRuleVersions, type RuleVersion, type RuleVersions } from './rules/rule-versions.ts'
export { type SavedRule, type SaveRule, saveRule } from './rules/save-rule.ts'
export { RuleFile, type RuleType, ruleJsonSchema, ruleTypes } from './rules/schema.ts'
export { type RuleReport, type TestReport, testRule } from './rules/test-rule.ts'
export { withoutExceptions } from './rules/without-exceptions.ts'
export {
  type ImportedRule,
  type ImportProblem,
  type ImportReport,
  importSigma,
  type SigmaImport,
} from './sigma/index.ts'
