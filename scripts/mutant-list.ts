/** A deliberate defect of the core, as a search and replace on one file of `lambda/core`. */
export interface Mutant {
  readonly defect: string;
  readonly file: string;
  readonly search: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  // Guards and dates.
  {
    defect: 'a rotation in flight is not waited for',
    file: 'decision.ts',
    search: 'rotation.attempt > 0 && now < rotation.at + STALLED_AFTER',
    replace: 'rotation.attempt > 3 && now < rotation.at + STALLED_AFTER',
  },
  {
    defect: 'the overlap is no guard',
    file: 'decision.ts',
    search: 'overlap !== undefined && now < overlap && !wish.force',
    replace: 'overlap !== undefined && now > overlap && !wish.force',
  },
  {
    defect: 'the overlap counts from the old expiry alone',
    file: 'schedule.ts',
    search: '[entry.newest.oldExpiry, entry.newest.eventTime + OVERLAP_DAYS * DAY]',
    replace: '[entry.newest.oldExpiry]',
  },
  {
    defect: 'one a minute is no guard',
    file: 'decision.ts',
    search: 'postedAt !== undefined && now < postedAt + POST_INTERVAL',
    replace: 'postedAt !== undefined && now < postedAt',
  },
  {
    defect: 'NOTIFY_ONLY rotates',
    file: 'decision.ts',
    search: "rules.mode === 'NOTIFY_ONLY' ?",
    replace: "rules.mode !== 'NOTIFY_ONLY' && rules.mode !== 'AUTOMATIC' ?",
  },
  {
    defect: 'due compares the wrong way',
    file: 'decision.ts',
    search: '!asked && now < due',
    replace: '!asked && now > due',
  },
  {
    defect: 'the first day counts for nothing',
    file: 'schedule.ts',
    search: 'Math.max(due, entry.addedAt + SETTLING_IN)',
    replace: 'Math.max(due, entry.addedAt)',
  },
  {
    defect: 'the ladder asks again after 7 hours',
    file: 'schedule.ts',
    search: '1: 72 * HOUR',
    replace: '1: 7 * HOUR',
  },
  {
    defect: 'the ladder never ends',
    file: 'schedule.ts',
    search: '2: 120 * HOUR }',
    replace: '2: 120 * HOUR, 3: 130 * HOUR }',
  },
  {
    defect: 'a refused rotation is tried again at once',
    file: 'decision.ts',
    search: '!asked && retryAt !== undefined && now < retryAt',
    replace: '!asked && retryAt !== undefined && now > retryAt',
  },
  // Classes of answers.
  {
    defect: 'a 5xx of the rotation is a refusal',
    file: 'amazon-answer.ts',
    search: "if (status < 400 || status === 408 || status >= 500) {\n    return { answer: 'ambiguous'",
    replace: "if (status < 400 || status === 408 || status >= 600) {\n    return { answer: 'ambiguous'",
  },
  {
    defect: 'a broken connection is a refusal',
    file: 'amazon-answer.ts',
    search: "outcome.failed === 'before-sending' ?",
    replace: 'outcome.failed !== undefined ?',
  },
  {
    defect: 'a 400 leaves open whether it rotated',
    file: 'amazon-answer.ts',
    search: "status < 400 || status === 408 || status >= 500) {\n    return { answer: 'ambiguous'",
    replace: "status <= 400 || status === 408 || status >= 500) {\n    return { answer: 'ambiguous'",
  },
  {
    defect: 'any failure of LWA is taken for a wrong secret',
    file: 'amazon-answer.ts',
    search: "if (error === 'invalid_client') {",
    replace: "if (error !== 'invalid_scope') {",
  },
  {
    defect: 'a wrong secret is promoted',
    file: 'promotion.ts',
    search: "if (answer.answer === 'invalid-client') {",
    replace: "if (answer.answer === 'invalid-client' && answer.requestId === '') {",
  },
  // Order.
  {
    defect: 'the older delivery is the newer one',
    file: 'order.ts',
    search: 'return one.eventTime > other.eventTime;',
    replace: 'return one.eventTime < other.eventTime;',
  },
  {
    defect: 'anything may replace the current secret',
    file: 'order.ts',
    search: 'return delivery.eventTime >= firstSightOf(current, entry) - CLOCK_SKEW;',
    replace: 'return delivery.eventTime >= 0 || firstSightOf(current, entry) > 0;',
  },
  {
    defect: 'a superseded secret in AWSCURRENT is not recognized',
    file: 'order.ts',
    search: 'return entry?.known.includes(digest) ?? false;',
    replace: 'return entry?.known.includes(digest.slice(1)) ?? false;',
  },
  {
    defect: 'a version of a new edit dates the old secret in it',
    file: 'order.ts',
    search: 'return entry.baseline.since;',
    replace: 'return current.createdAt;',
  },
  {
    defect: 'a later event time than the message is believed',
    file: 'notification.ts',
    search: 'Math.min(eventTime ?? sentAt, sentAt + CLOCK_SKEW)',
    replace: 'Math.max(eventTime ?? sentAt, 0)',
  },
  // The journal.
  {
    defect: 'journal entries do not compete for one id',
    file: 'journal-append.ts',
    search: "import { firstEntryId, nextEntryId } from './digest';",
    replace:
      "import { firstEntryId, nextEntryId as next } from './digest';\nlet entries = 0;\nconst nextEntryId = (id: string): string => next(`${id}${(entries += 1)}`);",
  },
  {
    defect: "another run's entry is taken for one's own",
    file: 'journal-append.ts',
    search: 'mine: theirs.nonce === mine.nonce',
    replace: 'mine: theirs.nonce !== undefined',
  },
  {
    defect: "one's own entry is taken for another run's when the answer was lost",
    file: 'journal-append.ts',
    search: 'mine: theirs.nonce === mine.nonce',
    replace: "mine: theirs.nonce === ''",
  },
  {
    defect: 'a change is not decided again from the entry of another run',
    file: 'journal-append.ts',
    search: 'const changed = change(last.entry);',
    replace: 'const changed = change(head.entry);',
  },
  {
    defect: 'the POST comes before the intent',
    file: 'rotation.ts',
    search: '  const intended = await claim(application, head, withIntent(head.entry, intent));',
    replace:
      '  const early = spApi.rotateClientSecret(accessToken);\n  await early;\n  const intended = await claim(application, head, withIntent(head.entry, intent));',
  },
  {
    defect: 'whoever loses the intent posts all the same',
    file: 'rotation.ts',
    search: "  if (intended === undefined) {\n    return { result: 'overtaken' };\n  }",
    replace:
      "  if (intended === undefined) {\n    await spApi.rotateClientSecret(accessToken);\n    return { result: 'overtaken' };\n  }",
  },
  {
    defect: 'a refusal counts as an attempt',
    file: 'journal.ts',
    search:
      "before !== null && before.attempt > 0 ? before : { ...entry.rotation, attempt: 0, outcome: 'refused' as const }",
    replace: "before !== null && before.attempt > 0 ? before : { ...entry.rotation, outcome: 'refused' as const }",
  },
  {
    defect: 'a delivery closes a rotation that was asked for after it was made',
    file: 'journal.ts',
    search: 'asked === null || eventTime >= asked.at - CLOCK_SKEW',
    replace: 'asked === null || eventTime >= 0',
  },
  {
    defect: 'no delivery closes a rotation',
    file: 'journal.ts',
    search: 'rotation: stillOutstanding(entry.rotation, delivery),',
    replace: 'rotation: entry.rotation,',
  },
  {
    defect: 'an attempt that a late delivery answers still counts',
    file: 'journal.ts',
    search: '{ ...asked, attempt: 1, firstAt: asked.at }',
    replace: '{ ...asked, attempt: asked.attempt }',
  },
  {
    defect: 'the superseded secret is not remembered',
    file: 'journal.ts',
    search: 'known: [...new Set(known)].slice(-DIGEST_LIMIT)',
    replace: 'known: [...new Set(known)].slice(-1).slice(1)',
  },
  {
    defect: 'a read that lags is an unreadable journal',
    file: 'state.ts',
    search: '  if (version === undefined) {\n    throw readLags();\n  }\n  const entry = version ===',
    replace: '  const entry = version === undefined || version ===',
  },
  // Staging and promotion.
  {
    defect: 'the stage id does not depend on the current version',
    file: 'digest.ts',
    search: 'sha256(`stage:${deliveredDigest}:${currentVersionId}`)',
    replace: 'sha256(`stage:${deliveredDigest}:${currentVersionId.slice(0, 0)}`)',
  },
  {
    defect: 'AWSCURRENT moves before LWA is asked',
    file: 'promotion.ts',
    search: '  const answer = classifyTokenAnswer(outcome);\n',
    replace:
      '  await secrets.moveLabel(LABEL.current, versionId, current.versionId);\n  const answer = classifyTokenAnswer(outcome);\n',
  },
  {
    defect: 'a failed compare-and-set is taken for success',
    file: 'promotion.ts',
    search: "if (moved === 'elsewhere') {\n    return 'somebody-wrote';\n  }",
    replace:
      "if (moved === 'elsewhere') {\n    return { result: 'current', state, versionId, previousVersionId: current.versionId };\n  }",
  },
  {
    defect: 'the promotion does not compare',
    file: 'promotion.ts',
    search: 'await secrets.moveLabel(LABEL.current, versionId, current.versionId);',
    replace: 'await secrets.moveLabel(LABEL.current, versionId, (await secrets.describe()).labels.get(LABEL.current));',
  },
  {
    defect: 'the staged text is made anew, without the other keys',
    file: 'promotion.ts',
    search: 'text: withClientSecret(state.current.text, application.settings, candidate.clientSecret),',
    replace:
      'text: JSON.stringify({ clientId: candidate.clientId, clientSecret: withClientSecret("", application.settings, "") + candidate.clientSecret }),',
  },
  {
    defect: 'the client id is not compared',
    file: 'delivery.ts',
    search: 'state.current.credentials.clientId !== delivery.clientId',
    replace: "state.current.credentials.clientId === ''",
  },
  {
    defect: "a stranger's secret is acknowledged and dropped",
    file: 'message.ts',
    search: "return { verdict: 'unclaimed' };",
    replace: "return { verdict: 'acknowledge' };",
  },
  {
    defect: 'unknown owners are strangers although an application could not be read',
    file: 'matching.ts',
    search: "directory.some(([, id]) => id === undefined) ? { match: 'unknown' }",
    replace: "directory.some(([, id]) => id === '') ? { match: 'unknown' }",
  },
  {
    defect: 'a delivery is acknowledged before it is current',
    file: 'delivery.ts',
    search:
      "  const promotion = await promote(application, delivery, state, fresh);\n  if (promotion.result !== 'current') {\n    return",
    replace:
      "  const promotion = await promote(application, delivery, state, fresh);\n  if (promotion.result !== 'current' && delivery.clientId === '') {\n    return promotion.failure;\n  }\n  if (promotion.result !== 'current') {\n    return undefined ??",
  },
  {
    defect: 'an older delivery is acknowledged while the newest is not current',
    file: 'delivery.ts',
    search: 'if (head.entry.newest?.digest === state.current.digest) {',
    replace: 'if (head.entry.newest?.digest !== undefined) {',
  },
  {
    defect: 'a delivery that is current is acknowledged unannounced',
    file: 'delivery.ts',
    search: 'return announced ? undefined : install(',
    replace: 'return announced || baseline.digest !== "" ? undefined : install(',
  },
  {
    defect: 'it is written down as announced before it is announced',
    file: 'promotion.ts',
    search:
      '  await publishRotated(application, announcement);\n  return append(application, head, (entry) =>\n    isAnnounced(entry, announcement.candidate) ? undefined : withAnnounced(entry, announcement.candidate),\n  );',
    replace:
      '  const announced = await append(application, head, (entry) =>\n    isAnnounced(entry, announcement.candidate) ? undefined : withAnnounced(entry, announcement.candidate),\n  );\n  await publishRotated(application, announcement);\n  return announced;',
  },
  {
    defect: 'AWSPENDING is not given back to the newest',
    file: 'promotion.ts',
    search: 'if (newestVersion !== undefined && newestVersion !== state.current.versionId) {',
    replace: 'if (newestVersion === state.current.versionId) {',
  },
  {
    defect: 'AWSPENDING is not looked for after a repeated put',
    file: 'promotion.ts',
    search: '  if (!fresh) {',
    replace: "  if (!fresh && versionId === '') {",
  },
  {
    defect: 'sweeps do not finish what the queue gave up',
    file: 'decision.ts',
    search: '(!entry.newest.announced ||',
    replace: '(entry.newest.stagedVersionId === "" ||',
  },
  {
    defect: 'a delivered secret that a later one replaced holds everything up',
    file: 'arbitration.ts',
    search: "mayBeForgotten && stored === 'granted' && delivered === 'invalid-client'",
    replace: "mayBeForgotten && stored === 'granted' && delivered === 'granted'",
  },
  {
    defect: 'a delivered secret that LWA does not know yet is let go',
    file: 'arbitration.ts',
    search: 'clock.now() >= eventTime + OVERLAP_DAYS * DAY',
    replace: 'clock.now() >= eventTime - OVERLAP_DAYS * DAY',
  },
  {
    defect: 'what a person stored a moment ago is taken for nonsense',
    file: 'arbitration.ts',
    search: 'isPropagated(current.createdAt, clock.now())',
    replace: 'isPropagated(0, clock.now())',
  },
  {
    defect: 'nonsense that a person stored keeps the delivered secret out',
    file: 'arbitration.ts',
    search: "mustBeKnown && stored === 'invalid-client' && delivered === 'granted' ? 'delivered'",
    replace: "mustBeKnown && stored === 'failed' && delivered === 'granted' ? 'delivered'",
  },
  {
    defect: 'a newest delivered secret that was let go stays the newest',
    file: 'journal.ts',
    search: 'newest: waits ? null : newest,',
    replace: 'newest,',
  },
  {
    defect: 'what was known of a secret is forgotten while a person has another in its place',
    file: 'journal.ts',
    search: 'expiry: former?.expiry ?? expiry,',
    replace: 'expiry,',
  },
  {
    defect: 'a notice that lay in a queue is believed about a later secret',
    file: 'expiry.ts',
    search: 'eventTime <= newest.eventTime + CLOCK_SKEW',
    replace: 'eventTime <= newest.eventTime - 1000 * DAY',
  },
  {
    defect: 'an old secret written back is not healed',
    file: 'decision.ts',
    search: '(entry.newest.digest !== currentDigest && isSuperseded(currentDigest, entry))',
    replace: '(entry.newest.digest === currentDigest && isSuperseded(currentDigest, entry))',
  },
  {
    defect: 'a heal that is killed halfway is announced by nobody',
    file: 'reconcile.ts',
    search: 'healing && candidate !== undefined ? await this.reopen(found) : found',
    replace: 'healing && candidate === undefined ? await this.reopen(found) : found',
  },
  // Preflight and token.
  {
    defect: 'the preflight is not asked before a rotation',
    file: 'rotation.ts',
    search:
      "  const unready = await preflight(application, state);\n  if (unready !== undefined) {\n    return { result: 'failed', failure: unready };",
    replace:
      "  const unready = await preflight(application, state);\n  if (unready?.next === '') {\n    return { result: 'failed', failure: unready };",
  },
  {
    defect: 'the fallback begins with the oldest secret',
    file: 'token.ts',
    search: '[LABEL.pending, LABEL.previous]',
    replace: '[LABEL.previous, LABEL.pending]',
  },
  {
    defect: 'the fallback takes a secret of another client id',
    file: 'state.ts',
    search: "'credentials' in read && read.credentials.clientId === clientId",
    replace: "'credentials' in read && clientId !== ''",
  },
  {
    defect: 'a notice about the old secret of an overlap is believed',
    file: 'expiry.ts',
    search: 'newest?.digest === baseline.digest && expiry <= newest.oldExpiry + CLOCK_SKEW',
    replace: 'newest?.digest === baseline.digest && expiry < baseline.since',
  },
  {
    defect: 'a notice is not judged again against the entry it is written onto',
    file: 'expiry.ts',
    search: "subjectOf(entry, notified) === 'current' ?",
    replace: "subjectOf(head.entry, notified) === 'current' ?",
  },
  {
    defect: 'two notices of different dates take turns',
    file: 'journal.ts',
    search: 'eventTime > noticedAt || (eventTime === noticedAt && expiry < at)',
    replace: 'eventTime > noticedAt || eventTime <= noticedAt',
  },
  {
    defect: 'looking writes',
    file: 'reconcile.ts',
    search: 'this.readsOnly ? this.assumedHead(state) : await this.journal(state)',
    replace: 'this.readsOnly && state.labels.size === 0 ? this.assumedHead(state) : await this.journal(state)',
  },
  {
    defect: 'calls begin after the deadline',
    file: 'deadline.ts',
    search: 'if (clock.now() >= deadline) {',
    replace: 'if (clock.now() < 0) {',
  },
  {
    defect: 'an intent is written without time left for the POST',
    file: 'rotation.ts',
    search: 'if (deadline - clock.now() < spApi.timeout + AFTER_POST) {',
    replace: 'if (deadline - clock.now() < 0) {',
  },
  {
    defect: 'two hubs both rotate',
    file: 'bookkeeping.ts',
    search: 'return entry.hub !== hub && entry.formerHub === hub && now < entry.addedAt + HANDOVER;',
    replace: "return entry.hub !== hub && entry.formerHub === '' && now < entry.addedAt + HANDOVER;",
  },
];
