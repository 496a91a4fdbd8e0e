// The closed lists of words about alerts, without the schemas: browsers need these alone.

export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

export const alertStatuses = ['open', 'acknowledged', 'closed'] as const
export type AlertStatus = (typeof alertStatuses)[number]

export const verdicts = ['true-positive', 'benign', 'false-positive', 'duplicate'] as const
export type Verdict = (typeof verdicts)[number]
