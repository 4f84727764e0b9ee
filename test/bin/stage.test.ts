import { mayBringSecret, stageOf, type Seen, type Stage } from '../../bin/command/rotate/stage';

const rotation = (outcome: 'accepted' | 'ambiguous' | 'delivered'): Seen['lastRotation'] => ({
  outcome,
  at: '2026-01-01T00:00:00.000Z',
  reason: 'person',
});
const before: Seen = { outcome: 'healthy', versionId: 'old', lastRotation: rotation('delivered') };
const found = { outcome: 'failed', kind: 'wrong-token', since: '2026-01-01T00:00:00.000Z' } as const;

test.each<[string, Stage, Partial<Seen>, Partial<Seen>?]>([
  ['asked for', 'requested', { outcome: 'in-flight', lastRotation: rotation('accepted') }],
  ['perhaps asked for', 'requested', { outcome: 'failed', kind: 'ambiguous', lastRotation: rotation('ambiguous') }],
  ['delivered, not current', 'delivered', { outcome: 'in-flight' }],
  [
    'the version is new, and it is not the delivered one',
    'requested',
    { versionId: 'new', lastRotation: rotation('accepted') },
  ],
  ['current, and being promoted', 'delivered', { versionId: 'new', outcome: 'in-flight' }],
  ['an earlier one was delivered, and nothing of this one', 'delivered', {}],
  ['current', 'current', { versionId: 'new' }],
  ['current, whatever else is wrong', 'current', { ...found, versionId: 'new' }],
  ['stalled', 'ended', { outcome: 'stalled', kind: 'stalled', lastRotation: rotation('accepted') }],
  ['a failure since', 'ended', { ...found, lastRotation: rotation('accepted') }],
  ['a failure from before', 'requested', { ...found, lastRotation: rotation('accepted') }, found],
  ['emptied meanwhile', 'ended', { outcome: 'not-seeded', kind: 'not-seeded' }],
])('%s: %s', (_what, stage, now, earlier = {}) => {
  expect(stageOf({ ...before, ...earlier }, { ...before, ...now })).toBe(stage);
});

test.each<[boolean, Seen]>([
  [true, { outcome: 'requested' }],
  [true, { outcome: 'promoted' }],
  [true, { outcome: 'not-rotated', guard: 'in-flight' }],
  [true, { outcome: 'failed', kind: 'ambiguous' }],
  [false, { outcome: 'not-rotated', guard: 'overlap' }],
  [false, { outcome: 'not-rotated', guard: 'stalled' }],
  [false, { outcome: 'failed', kind: 'preflight-policy' }],
  [false, { outcome: 'due' }],
])('a new client secret may come: %s after %j', (may, answer) => {
  expect(mayBringSecret(answer)).toBe(may);
});
