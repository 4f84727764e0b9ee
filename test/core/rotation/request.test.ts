import { BadRequest, parseRequest } from '../../../lambda/core/rotation/request';

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
])('%j is understood', (payload, request) => {
  expect(parseRequest(payload)).toEqual(request);
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
  expect(parseRequest(payload)).toEqual({ ...NOTHING, action: 'reconcile', application, isFromBus: true });
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
])('%j is refused', (payload) => {
  expect(() => parseRequest(payload)).toThrow(BadRequest);
});

test('a refusal does not quote what was asked', () => {
  expect(() => parseRequest({ secret: 'amzn1.oa2-cs.v1.x' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('amzn1') as string }) as Error,
  );
});

test('a refusal lists the actions that exist', () => {
  expect(() => parseRequest('')).toThrow(
    expect.objectContaining({
      name: 'BadRequest',
      message: expect.stringMatching(
        /not understood; nothing was read or changed.*"action":"check".*1 to 64 of A-Z.*up to 256 printable/,
      ) as string,
    }) as Error,
  );
});
