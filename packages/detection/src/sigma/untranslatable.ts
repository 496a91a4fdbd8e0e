// What Sigma can say and we cannot: the reason goes into the import's report.

export class Untranslatable extends Error {
  /** A few words that group rules in the report. */
  readonly reason: string
  constructor(reason: string, detail = '') {
    super(detail === '' ? reason : `${reason}: ${detail}`)
    this.reason = reason
  }
}
