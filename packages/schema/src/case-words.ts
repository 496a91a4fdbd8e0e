// The closed lists of words about cases and breaches, without the schemas: browsers need these alone.

export const caseStatuses = ['open', 'contained', 'closed'] as const
export type CaseStatus = (typeof caseStatuses)[number]

export const caseRoles = [
  'owner',
  'investigator',
  'data-protection-officer',
  'management',
  'customer-contact',
  'supplier',
  'authority',
  'other',
] as const
export type CaseRole = (typeof caseRoles)[number]

export const taskStatuses = ['open', 'done', 'dropped'] as const
export type TaskStatus = (typeof taskStatuses)[number]

/** What happened to an item of evidence. */
export const custodyActions = ['acquired', 'viewed', 'exported', 'handed-over', 'verified', 'withdrawn'] as const
export type CustodyAction = (typeof custodyActions)[number]

/** From when clocks run: the breach began; we found it; we knew that it was one; somebody else told us. */
export const breachAnchors = ['occurred', 'detected', 'aware', 'informed'] as const
export type BreachAnchor = (typeof breachAnchors)[number]

/** What was lost: the three kinds of EDPB guidelines 9/2022, paragraph 17. */
export const breachKinds = ['confidentiality', 'integrity', 'availability'] as const
export type BreachKind = (typeof breachKinds)[number]

/** To whom a notice goes. */
export const filingKinds = ['authority', 'controller', 'person', 'csirt'] as const
export type FilingKind = (typeof filingKinds)[number]

export const languages = ['da', 'en'] as const
export type Language = (typeof languages)[number]
