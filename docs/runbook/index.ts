import type { FailureKind } from '../../lib/contract/failure-kind';
import type { RunbookEntry } from './entry';
import { FAILURE_KIND_ENTRIES } from './failure-kinds';
import { OTHER_ENTRIES, type OtherFailure } from './other-failures';

/** The anchor of a section. Alarms, events and logs link to it, so it never changes. */
export type RunbookId = FailureKind | OtherFailure;

/** The sections of the runbook, in their order. `npm run docs:runbook` writes docs/runbook.md from them. */
export const RUNBOOK: Readonly<Record<RunbookId, RunbookEntry>> = { ...FAILURE_KIND_ENTRIES, ...OTHER_ENTRIES };
