import { KnownClientIds } from '../../../lambda/core/messages/known-client-ids';
import { processMessage } from '../../../lambda/core/messages/message';
import type { Application, Directory, StoredPair } from '../../../lambda/core/ports';
import { MINUTE, SECOND } from '../../../lambda/core/time';

const MINE = 'amzn1.application-oa2-client.mine';
const OTHER = 'amzn1.application-oa2-client.other';
const one = (stored: StoredPair): Directory[number] => [{ settings: { id: 'App' } } as Application, stored];
const SEEN: Directory = [one({ clientId: MINE, clientSecret: 'x' })];

/** A look that was begun at noon by our clock. SQS, whose clock is ten minutes behind, had given out a message one second before. */
const NOON = Date.parse('2026-06-01T12:00:00Z');
const LOOK = { at: NOON, received: NOON - 10 * MINUTE - SECOND };

test.each<[string, Directory, string, number, number, boolean]>([
  ['nobody had, sent before', SEEN, OTHER, LOOK.received - 2 * SECOND, NOON + SECOND, true],
  ['nobody had, sent before, for half a minute', SEEN, OTHER, LOOK.received - 2 * SECOND, NOON + 29_999, true],
  ['nobody had half a minute ago', SEEN, OTHER, LOOK.received - 2 * SECOND, NOON + 30_000, false],
  ['nobody had, sent after', SEEN, OTHER, LOOK.received + 1, NOON + SECOND, false],
  ['nobody had, sent about then', SEEN, OTHER, LOOK.received - 1_999, NOON + SECOND, false],
  ['somebody had', SEEN, MINE, LOOK.received - MINUTE, NOON + SECOND, false],
  ['nobody had who could be read', [...SEEN, one('unreadable')], OTHER, LOOK.received - MINUTE, NOON + SECOND, false],
  ['nobody had who holds one', [...SEEN, one('empty')], OTHER, LOOK.received - MINUTE, NOON + SECOND, false],
  ['came at a time that is none', SEEN, OTHER, Number.NaN, NOON + SECOND, false],
])(
  'a client id that %s is one of a stranger or takes another look: %#',
  (_, directory, clientId, sentAt, now, expected) => {
    const known = new KnownClientIds();
    known.remember(directory, LOOK);
    expect(known.isUnknown(clientId, sentAt, now)).toBe(expected);
  },
);

test('nothing is of a stranger before the first look, nor after one without a time', () => {
  const known = new KnownClientIds();
  expect(known.isUnknown(OTHER, 0, NOON)).toBe(false);
  known.remember(SEEN, { at: NOON, received: Number.NaN });
  expect(known.isUnknown(OTHER, 0, NOON)).toBe(false);
});

describe('a message', () => {
  const newSecret = (clientId: string): string =>
    JSON.stringify({
      notificationType: 'APPLICATION_OAUTH_CLIENT_NEW_SECRET',
      payload: { applicationOAuthClientNewSecret: { clientId, newClientSecret: 'amzn1.oa2-cs.v1.x' } },
    });

  test.each<[string, number, number, object]>([
    ['was sent before the last look', LOOK.received - MINUTE, 0, { disposition: 'unclaimed' }],
    ['was sent after it: an application may have been added', LOOK.received + SECOND, 1, { disposition: 'unclaimed' }],
  ])('for a stranger that %s has the applications read %# times', async (_, sentAt, reads, expected) => {
    const known = new KnownClientIds();
    known.remember(SEEN, LOOK);
    const hub = jest.fn(() => Promise.resolve({ directory: SEEN, states: new Map() }));
    const context = { hub, known, now: () => NOON + SECOND, observe: () => undefined, served: new Map() };
    const message = { messageId: 'm', body: newSecret(OTHER), sentAt, receiveCount: 1 };
    expect(await processMessage(message, context)).toEqual(expected);
    expect(hub).toHaveBeenCalledTimes(reads);
  });
});
