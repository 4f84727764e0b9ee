import { BadRequest, parseRequest } from '../../../lambda/core/rotation/request';

const NOW = Date.parse('2026-11-01T00:00:00Z');
const NOTHING = { application: undefined, force: false, requestedBy: undefined };

test.each([
  [{}, { ...NOTHING, action: 'reconcile' }],
  [{ application: 'App_1-x' }, { ...NOTHING, action: 'reconcile', application: 'App_1-x' }],
  [{ requestedBy: 'me' }, { ...NOTHING, action: 'reconcile', requestedBy: 'me' }],
  [{ action: 'status' }, { ...NOTHING, action: 'status' }],
  [
    { action: 'status', application: 'A' },
    { ...NOTHING, action: 'status', application: 'A' },
  ],
  [
    { action: 'check', application: 'A', requestedBy: 'me' },
    { ...NOTHING, action: 'check', application: 'A', requestedBy: 'me' },
  ],
  [
    { action: 'check', requestedBy: '' },
    { ...NOTHING, action: 'check', requestedBy: '' },
  ],
  [
    { action: 'rotate', application: 'A' },
    { ...NOTHING, action: 'rotate', application: 'A' },
  ],
  [
    { action: 'rotate', application: 'A', force: false },
    { ...NOTHING, action: 'rotate', application: 'A' },
  ],
  [
    { action: 'rotate', application: 'A', force: true },
    { ...NOTHING, action: 'rotate', application: 'A', force: true },
  ],
  [
    { action: 'pause', until: '2026-12-02', why: 'Weihnachtsgeschäft', requestedBy: 'me' },
    {
      ...NOTHING,
      action: 'note',
      requestedBy: 'me',
      note: { says: 'pause', until: Date.parse('2026-12-02T00:00:00Z'), why: 'Weihnachtsgeschäft' },
    },
  ],
  [
    { action: 'pause', application: 'A', until: '2026-12-02T10:00:00+02:00' },
    {
      ...NOTHING,
      action: 'note',
      application: 'A',
      note: { says: 'pause', until: Date.parse('2026-12-02T08:00:00Z') },
    },
  ],
  [
    { action: 'history', application: 'A' },
    { ...NOTHING, action: 'status', application: 'A', withHistory: true },
  ],
  [
    { action: 'resume', application: 'A' },
    { ...NOTHING, action: 'note', application: 'A', note: { says: 'resume' } },
  ],
  [
    { action: 'expires', application: 'A', on: '2027-03-18' },
    { ...NOTHING, action: 'note', application: 'A', note: { says: 'expires', on: Date.parse('2027-03-18T00:00:00Z') } },
  ],
])('%j is understood', (payload, request) => {
  expect(parseRequest(payload, NOW)).toEqual(request);
});

test.each([
  [{ from: 'bus', application: 'A' }, 'A'],
  [{ from: 'bus' }, undefined],
  [{ from: 'bus', application: '' }, undefined],
  [{ from: 'bus', application: 17 }, undefined],
  [{ from: 'bus', application: { toString: 'A' } }, undefined],
  [{ from: 'bus', application: ['A'] }, undefined],
  [{ from: 'bus', application: 'A'.repeat(250_000) }, undefined],
  [{ from: 'bus', application: 'A', action: 'rotate', force: true, requestedBy: 17 }, 'A'],
])('what comes from the bus is never refused, and looks at one application at most: %#', (payload, application) => {
  expect(parseRequest(payload, NOW)).toEqual({ ...NOTHING, action: 'reconcile', application, isFromBus: true });
});

test.each([
  undefined,
  null,
  [],
  { from: 'elsewhere' },
  '{}',
  17,
  { action: 'rotate' },
  { action: 'rotate', application: 'A', force: 'true' },
  { action: 'rotate', application: 'A', foo: 1 },
  { action: 'status', application: '' },
  { action: 'status', application: 'A', force: true },
  { action: 'reconcile' },
  { action: 'delete', application: 'A' },
  { force: true },
  { application: 'A', force: true },
  { application: '' },
  { application: 'a/b' },
  { application: 'a'.repeat(65) },
  { application: 17 },
  { requestedBy: 'a\nb' },
  { requestedBy: 'a'.repeat(257) },
  { source: 'aws.events', detail: {} },
  { action: 'history' },
  { action: 'pause' },
  { action: 'pause', until: '2026-11-31' },
  { action: 'pause', until: '2026-12-02T10:00:00' },
  { action: 'pause', until: 1796169600000 },
  { action: 'pause', until: NOW },
  { action: 'pause', until: '2026-12-02', why: '\u001b[2J' },
  { action: 'pause', until: '2026-12-02', why: '\u202e' },
  { action: 'pause', until: '2026-12-02', why: 'a'.repeat(257) },
  { action: 'pause', until: '2026-12-02', why: 'amzn1.oa2-cs.v1.x' },
  { action: 'pause', until: '2026-12-02', force: true },
  { action: 'resume', until: '2026-12-02' },
  { action: 'expires', on: '2027-03-18' },
  { action: 'expires', application: 'A' },
  { action: 'expires', application: 'A', on: '2026-11-01' },
  { action: 'expires', application: 'A', on: '2027-05-03' },
  { action: 'note', note: { says: 'resume' } },
])('%j is refused', (payload) => {
  expect(() => parseRequest(payload, NOW)).toThrow(BadRequest);
});

test.each([
  ['2026-11-01', false],
  ['2026-11-01T00:00:01Z', true],
  ['2026-12-31', true],
  ['2026-12-31T00:00:01Z', false],
])('a pause until %s is within its bounds: %s', (until, isWithin) => {
  const parse = (): unknown => parseRequest({ action: 'pause', until }, NOW);
  if (isWithin) {
    parse();
  } else {
    expect(parse).toThrow(/"until" must be after 2026-11-01T.*and not after 2026-12-31T.*Nothing was read or changed/);
  }
});

test('a refusal does not quote what was asked', () => {
  expect(() => parseRequest({ secret: 'amzn1.oa2-cs.v1.x' }, NOW)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('amzn1') as string }) as Error,
  );
});

test('a refusal lists the actions that exist', () => {
  expect(() => parseRequest('', NOW)).toThrow(
    expect.objectContaining({
      name: 'BadRequest',
      message: expect.stringMatching(
        /not understood; nothing was read or changed.*"action":"check".*1 to 64 of A-Z.*up to 256 printable/,
      ) as string,
    }) as Error,
  );
});
