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
  {
    defect: 'a known expiry makes nothing due',
    file: 'schedule.ts',
    search: "source === 'estimate' ? byAge : Math.min(byAge, expiry - BEFORE_EXPIRY)",
    replace: "source === 'estimate' ? byAge : Math.max(byAge, 0)",
  },
  {
    defect: 'a notice does not tell how old the secret is',
    file: 'schedule.ts',
    search: "source === 'notice' ? expiry - SECRET_LIFETIME_DAYS * DAY : entry.baseline.since",
    replace: 'entry.baseline.since',
  },
  {
    defect: 'what another hub learned proves that this queue is registered',
    file: 'schedule.ts',
    search: "source === 'notification' && entry.formerHub === undefined",
    replace: "source === 'notification'",
  },
  {
    defect: 'a secret that a person replaced has no overlap',
    file: 'schedule.ts',
    search: 'baseline.storedAt === undefined ? undefined : baseline.storedAt + OVERLAP_DAYS * DAY',
    replace: 'baseline.storedAt === 0 ? 0 : undefined',
  },
  {
    defect: 'the ladder does not hurry where the secret ends sooner',
    file: 'schedule.ts',
    search: 'Math.min(rotation.firstAt + wait, currentExpiry - 24 * HOUR)',
    replace: 'rotation.firstAt + wait',
  },
  {
    defect: 'the ladder hurries within the hour',
    file: 'schedule.ts',
    search: 'currentExpiry - 24 * HOUR), rotation.at + HOUR)',
    replace: 'currentExpiry - 24 * HOUR), rotation.at)',
  },
  {
    defect: 'a stalled rotation is asked for beside the ladder',
    file: 'decision.ts',
    search: "    if (asked) {\n      return { step: 'hold', guard: 'stalled'",
    replace: "    if (asked && wish.force) {\n      return { step: 'hold', guard: 'stalled'",
  },
  {
    defect: 'a rung of the ladder forgets a refusal',
    file: 'decision.ts',
    search: 'Math.max(until, afterRefusal(rotation) ?? until)',
    replace: 'until',
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
  {
    defect: 'a throttled rotation leaves open whether it rotated',
    file: 'amazon-answer.ts',
    search:
      "  if (status < 400 || status === 408 || status >= 500) {\n    return { answer: 'ambiguous', ...requestId };",
    replace:
      "  if (status < 400 || status === 408 || status === 429 || status >= 500) {\n    return { answer: 'ambiguous', ...requestId };",
  },
  {
    defect: 'a redirect is a refusal',
    file: 'amazon-answer.ts',
    search:
      "  if (status < 400 || status === 408 || status >= 500) {\n    return { answer: 'ambiguous', ...requestId };",
    replace: "  if (status === 408 || status >= 500) {\n    return { answer: 'ambiguous', ...requestId };",
  },
  {
    defect: 'a success of LWA without a token is a token',
    file: 'amazon-answer.ts',
    search: '    return granted.success\n      ?',
    replace: '    return granted.success || parseJson(outcome.body) !== undefined\n      ?',
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
  {
    defect: 'deliveries of one moment have no order',
    file: 'order.ts',
    search: 'return one.notificationId > other.notificationId;',
    replace: 'return one.notificationId !== other.notificationId;',
  },
  {
    defect: 'of deliveries of one moment the one that expires first is the newer',
    file: 'order.ts',
    search: 'return one.newExpiry > other.newExpiry;',
    replace: 'return one.newExpiry < other.newExpiry;',
  },
  {
    defect: 'clocks agree',
    file: 'order.ts',
    search: 'firstSightOf(current, entry) - CLOCK_SKEW;',
    replace: 'firstSightOf(current, entry);',
  },
  {
    defect: 'the date of an earlier delivery is not remembered',
    file: 'order.ts',
    search: 'return entry?.seen.find((one) => one.digest === current.digest)?.eventTime ?? current.createdAt;',
    replace: 'return current.createdAt;',
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
    search: 'known: [...known].slice(-DIGEST_LIMIT)',
    replace: 'known: [...known].slice(-1).slice(1)',
  },
  {
    defect: 'a read that lags is an unreadable journal',
    file: 'state.ts',
    search: '  if (version === undefined) {\n    throw readLags();\n  }\n  const entry = version ===',
    replace: '  const entry = version === undefined || version ===',
  },
  {
    defect: 'an acceptance is written onto another rotation',
    file: 'journal.ts',
    search: '  return entry.rotation?.id === intentId\n',
    replace: "  return entry.rotation !== null && intentId !== ''\n",
  },
  {
    defect: 'a refusal is written onto another rotation',
    file: 'journal.ts',
    search: '  if (entry.rotation?.id !== intentId) {',
    replace: "  if (entry.rotation === null || intentId === '') {",
  },
  {
    defect: 'attempts are not counted',
    file: 'journal.ts',
    search: 'Math.min((outstanding?.attempt ?? 0) + 1, 3)',
    replace: '1',
  },
  {
    defect: 'every attempt is the first',
    file: 'journal.ts',
    search: 'firstAt: outstanding?.firstAt ?? intent.at,',
    replace: 'firstAt: intent.at,',
  },
  {
    defect: 'a notice overrules what came with the client secret',
    file: 'journal.ts',
    search: "return source === 'notification' || (",
    replace: "return (source === 'notification' && at === 0) || (",
  },
  {
    defect: 'a secret copied from the console answers no rotation',
    file: 'journal.ts',
    search: 'rotation: answered ? null : entry.rotation,',
    replace: 'rotation: entry.rotation,',
  },
  {
    defect: 'an older delivery becomes the baseline after a newer one',
    file: 'promotion.ts',
    search: '    : baseline.since > candidate.eventTime ||\n        (',
    replace: '    : (',
  },
  {
    defect: 'a secret of another application keeps the journal',
    file: 'bookkeeping.ts',
    search: 'return entry.clientId === clientId\n    ?',
    replace: "return clientId !== ''\n    ?",
  },
  {
    defect: 'a changed key leaves the journal under the old one',
    file: 'bookkeeping.ts',
    search: 'key === undefined || entry.key === key ?',
    replace: "key === undefined || entry.key !== '' || key !== '' ?",
  },
  {
    defect: 'a secret that a person stored is not noticed',
    file: 'bookkeeping.ts',
    search: 'isKnown(current.digest, entry) ? entry :',
    replace: "current.digest !== '' ? entry :",
  },
  {
    defect: 'a secret that a person stored is reported to nobody',
    file: 'bookkeeping.ts',
    search: '  if (isSeededByHand(head.entry, current)) {',
    replace: "  if (isSeededByHand(head.entry, current) && current.digest === '') {",
  },
  {
    defect: 'a newest secret that a person put back is not the baseline',
    file: 'bookkeeping.ts',
    search: 'newest?.announced === true && newest.digest === current.digest && baseline.digest !== current.digest',
    replace: "newest?.announced === true && newest.digest === current.digest && baseline.digest === ''",
  },
  {
    defect: 'a hub that takes an application over does not say so',
    file: 'bookkeeping.ts',
    search: 'return entry.hub === hub || isTakenOver(entry, hub, now) ?',
    replace: "return entry.hub !== '' || isTakenOver(entry, hub, now) ?",
  },
  {
    defect: 'a passing failure makes the journal unreadable',
    file: 'state.ts',
    search: 'if (error instanceof CallFailed && error.isLasting) {',
    replace: 'if (error instanceof CallFailed) {',
  },
  {
    defect: 'AWSCURRENT is read by its label, whatever it names',
    file: 'state.ts',
    search: 'byCurrent?.versionId === currentId ? byCurrent : secrets.readVersion(currentId)',
    replace: 'byCurrent ?? secrets.readVersion(currentId)',
  },
  {
    defect: 'the journal is read by its label, whatever it names',
    file: 'state.ts',
    search: "byLabel === 'unreadable' || byLabel?.versionId === versionId",
    replace: "byLabel === 'unreadable' || byLabel !== undefined",
  },
  {
    defect: 'the end of a journal whose label was lost is not looked for',
    file: 'journal-append.ts',
    search: 'for (let steps = 0; !written.mine && steps < LONGEST_WALK; steps++) {',
    replace: 'for (let steps = 0; !written.mine && steps < 0; steps++) {',
  },
  {
    defect: 'an earlier delivery that never became the baseline is not superseded',
    file: 'journal.ts',
    search: '[...entry.known, ...earlier, entry.baseline.digest]',
    replace: '[...entry.known, ...earlier.slice(0, 0), entry.baseline.digest]',
  },
  {
    defect: 'of two applications with one client id the second waits for the first',
    file: 'message.ts',
    search: "    return failureOf(error);\n  }\n}\n\n/** Somebody else's",
    replace: "    throw error;\n  }\n}\n\n/** Somebody else's",
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
  {
    defect: 'a client secret is promoted into another application',
    file: 'promotion.ts',
    search: 'if (current.credentials.clientId !== candidate.clientId) {',
    replace: "if (current.credentials.clientId === '') {",
  },
  {
    defect: 'an older secret is promoted over a newer one',
    file: 'promotion.ts',
    search: '  if (!mayReplace(candidate, current, entry)) {',
    replace: "  if (!mayReplace(candidate, current, entry) && candidate.digest === '') {",
  },
  {
    defect: 'a version that holds something else is taken for the staged one',
    file: 'promotion.ts',
    search: "  if (put === 'taken') {",
    replace: "  if (put === 'taken' && versionId === '') {",
  },
  {
    defect: 'an older delivery takes AWSPENDING before LWA is asked',
    file: 'promotion.ts',
    search: 'const verifyFirst = !isNewest;',
    replace: "const verifyFirst = !isNewest && versionId === '';",
  },
  {
    defect: 'an older delivery becomes current without being written down',
    file: 'promotion.ts',
    search: '    await recordEarlier(application, candidate, state);\n',
    replace: '',
  },
  {
    defect: 'a promotion gives up where a person writes in between',
    file: 'promotion.ts',
    search: 'const MOST_ROUNDS = 5;',
    replace: 'const MOST_ROUNDS = 1;',
  },
  {
    defect: 'only AWSPENDING is searched for the newest',
    file: 'promotion.ts',
    search: '[state.labels.get(LABEL.pending), newest.stagedVersionId, state.labels.get(LABEL.previous)]',
    replace: '[state.labels.get(LABEL.pending)]',
  },
  {
    defect: 'whatever AWSPENDING holds is taken for the newest',
    file: 'promotion.ts',
    search: 'credentials !== undefined && digestOf(credentials.clientSecret) === newest.digest',
    replace: "credentials !== undefined && digestOf(credentials.clientSecret) !== ''",
  },
  {
    defect: 'a superseded delivery is installed again',
    file: 'delivery.ts',
    search: 'if (isSuperseded(delivery.digest, head.entry)) {',
    replace: "if (isSuperseded('', head.entry)) {",
  },
  {
    defect: 'an older delivery is looked at like the newest',
    file: 'delivery.ts',
    search: 'if (newest !== null && newest.digest !== delivery.digest && isNewer(newest, delivery)) {',
    replace: "if (newest !== null && newest.digest === '') {",
  },
  {
    defect: 'the journal is given up at once',
    file: 'delivery.ts',
    search: 'const RECEIVES_BEFORE_GIVING_THE_JOURNAL_UP = 4;',
    replace: 'const RECEIVES_BEFORE_GIVING_THE_JOURNAL_UP = 1;',
  },
  {
    defect: 'without a journal nothing is installed',
    file: 'delivery.ts',
    search: 'return receiveCount < RECEIVES_BEFORE_GIVING_THE_JOURNAL_UP',
    replace: 'return receiveCount < 1000',
  },
  {
    defect: 'a secret that LWA still does not know after hours is nothing unusual',
    file: 'delivery.ts',
    search: "promotion.result === 'rejected' && !isPropagated(delivery.eventTime, application.ports.clock.now())",
    replace: "promotion.result === 'rejected'",
  },
  {
    defect: 'what is not understood is acknowledged',
    file: 'message.ts',
    search: '      return keep(message, surroundings, about, notUnderstood());',
    replace: "      return { verdict: 'acknowledge' };",
  },
  {
    defect: 'what may hold a secret passes for harmless',
    file: 'notification.ts',
    search: 'return mayHoldSecret(body) ?',
    replace: "return mayHoldSecret('') ?",
  },
  {
    defect: 'a date that is missing makes a new secret unreadable',
    file: 'notification.ts',
    search: 'newClientSecretExpiryTime: optionalTime,',
    replace: 'newClientSecretExpiryTime: v.string() as never,',
  },
  {
    defect: 'the last day of a secret is told to nobody',
    file: 'reconcile.ts',
    search: 'if (end !== undefined && clock.now() >= end - DAY) {',
    replace: 'if (end !== undefined && clock.now() >= end + 1000 * DAY) {',
  },
  {
    defect: 'a secret that never becomes current is waited for without end',
    file: 'reconcile.ts',
    search: 'const overdue = isPropagated(newest.eventTime, clock.now());',
    replace: 'const overdue = isPropagated(newest.eventTime, 0);',
  },
  {
    defect: 'sweeps never look at everything',
    file: 'reconcile.ts',
    search: 'Math.floor(now / HOUR) % FULL_LOOK_HOURS === 0',
    replace: 'Math.floor(now / HOUR) % FULL_LOOK_HOURS === -1',
  },
  {
    defect: 'a glance sees no unfinished delivery',
    file: 'reconcile.ts',
    search: '      !mustFinish(entry, state.current.digest) &&\n',
    replace: '',
  },
  {
    defect: 'a glance sees no change',
    file: 'reconcile.ts',
    search: '      upToDate(entry, { hub, key: undefined, now, current: state.current }) === undefined &&\n',
    replace: '',
  },
  {
    defect: 'a forced rotation does not begin an unreadable journal again',
    file: 'reconcile.ts',
    search: "return state.journal.read === 'unreadable' && this.wish.force",
    replace: "return state.journal.read === 'unreadable' && this.wish.force && state.labels.size === 0",
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
  {
    defect: 'a secret without room for a longer one is no obstacle',
    file: 'rotation.ts',
    search: 'return hasRoomForNewSecret(state.current.text)\n',
    replace: "return hasRoomForNewSecret('')\n",
  },
  {
    defect: "a rotation of Secrets Manager's own is no obstacle",
    file: 'rotation.ts',
    search: 'if (rival !== undefined) {',
    replace: 'if (rival === undefined && problem !== undefined) {',
  },
  {
    defect: 'any policy lets Amazon in',
    file: 'preflight.ts',
    search: 'if (!letsAmazonIn(attributes.policy)) {',
    replace: "if (!letsAmazonIn(attributes.policy) && attributes.policy === '') {",
  },
  {
    defect: 'a policy that denies lets Amazon in',
    file: 'preflight.ts',
    search: "!statements.some((one) => one.Effect === 'Deny' && possiblyApplies(one, action))",
    replace: "!statements.some((one) => one.Effect === 'deny' && possiblyApplies(one, action))",
  },
  {
    defect: 'another key of the queue is no obstacle',
    file: 'preflight.ts',
    search: 'deployedKey !== undefined && !sameKey(attributes.key, deployedKey)',
    replace: "deployedKey !== undefined && attributes.key === ''",
  },
  {
    defect: 'a notice is about the newest although another is current',
    file: 'expiry.ts',
    search: 'newest !== null && newest.digest !== baseline.digest && Math.abs(expiry - newest.newExpiry) < SAME_DATE',
    replace: "newest !== null && newest.digest === '' && Math.abs(expiry - newest.newExpiry) < SAME_DATE",
  },
  {
    defect: 'a notice about a secret that a person replaced is believed',
    file: 'expiry.ts',
    search: 'replaced !== undefined && expiry <= replaced + CLOCK_SKEW',
    replace: 'replaced !== undefined && expiry <= 0',
  },
  {
    defect: 'a notice about a secret that never came is believed',
    file: 'expiry.ts',
    search: '  if (expiry > known.at) {',
    replace: '  if (expiry > known.at + 1000 * DAY) {',
  },
  {
    defect: 'a known date is given up for a notice',
    file: 'expiry.ts',
    search: "return known.source === 'notification' ? 'another' : 'current';",
    replace: "return 'current';",
  },
];
