import { digestOf } from '../../../lambda/core/digest';
import { loginOnce, whyNotReceive } from '../../../lambda/core/secret/proof';
import { CLIENT_ID, entry } from '../entries';
import { OneApplication } from '../one-application';

interface Stored {
  readonly current: string;
  /** What its journal says that LWA accepted; no journal where it is absent. */
  readonly proven?: readonly string[];
  readonly previous?: string;
  readonly isUnreadable?: true;
}

function storing(id: string, { current, proven, previous, isUnreadable }: Stored): OneApplication {
  const one = new OneApplication(id);
  if (previous !== undefined) {
    one.store(previous);
  }
  one.store(current);
  if (proven !== undefined) {
    one.journal(entry({ proven: proven.map(digestOf) }));
  }
  if (isUnreadable) {
    one.put('AWSCURRENT', 'no JSON');
  }
  return one;
}

/** Only LWA's answers count: it accepts `live`, and has forgotten the others. */
test.each<[string, boolean, Stored, readonly Stored[]]>([
  ['LWA accepts what is stored', true, { current: 'live' }, []],
  ['LWA never accepted it', false, { current: 'x', proven: [] }, []],
  ['the journal cannot be read', false, { current: 'dead' }, []],
  ['LWA accepts what was stored before it', true, { current: 'x', previous: 'live' }, []],
  ['alone, the journal remembers', true, { current: 'dead', proven: ['dead'] }, []],
  ['alone, it remembers another client secret', true, { current: 'typo', proven: ['dead'] }, []],
  [
    'a sibling that LWA accepts knows it',
    true,
    { current: 'dead', proven: ['dead'] },
    [{ current: 'live', proven: ['dead', 'live'] }],
  ],
  [
    'a sibling that LWA accepts does not know it',
    false,
    { current: 'x', proven: ['x'] },
    [{ current: 'live', proven: ['live'] }],
  ],
  ['a sibling that LWA accepts has no journal', false, { current: 'x', proven: ['x'] }, [{ current: 'live' }]],
  [
    'one sibling knows it and another speaks against it whom LWA does not accept',
    true,
    { current: 'dead', proven: ['dead'] },
    [
      { current: 'live', proven: ['dead', 'live'] },
      { current: 'x', proven: ['x'] },
    ],
  ],
  [
    'all copies are forgotten, and know one another',
    true,
    { current: 'dead', proven: ['dead'] },
    [{ current: 'dead', proven: ['dead'] }],
  ],
  [
    'two are forgotten, and do not know one another',
    false,
    { current: 'dead', proven: ['dead'] },
    [{ current: 'x', proven: ['x'] }],
  ],
  [
    'a sibling of which LWA accepts what was stored before speaks against it',
    false,
    { current: 'x', proven: ['x'] },
    [{ current: 'typo', previous: 'live', proven: [] }],
  ],
  [
    'a sibling of which LWA accepts what was stored before knows it',
    true,
    { current: 'dead', proven: ['dead'] },
    [{ current: 'typo', previous: 'live', proven: ['dead'] }],
  ],
  [
    'the other never proved itself, and may be the rightful one with a typo',
    false,
    { current: 'x', proven: ['x'] },
    [{ current: 'typo', proven: [] }],
  ],
  [
    'an application that cannot be read may speak against it',
    false,
    { current: 'dead', proven: ['dead'] },
    [{ current: '', isUnreadable: true }],
  ],
  [
    'an application that cannot be read does not matter to LWA',
    true,
    { current: 'live' },
    [{ current: '', isUnreadable: true }],
  ],
])('a delivered client secret may be received or not: %s', async (_, mayReceive, own, others) => {
  const one = storing('Own', own);
  one.accepted.add('live');
  one.siblings.push(...others.map((other, index) => storing(`Other${index}`, other).application));
  const { state } = await one.read();
  const remembered = own.proven === undefined ? undefined : one.entry();
  const why = await whyNotReceive(one.application, state, remembered, loginOnce(one.application.ports.lwa));
  expect(why?.kind).toBe(mayReceive ? undefined : 'unproven');
});

test('where LWA does not answer nothing is said of the pair, and a pair is asked about once', async () => {
  const one = storing('Own', { current: 'x', proven: [] });
  const exchange = jest.spyOn(one.application.ports.lwa, 'exchange').mockResolvedValue({ failed: 'after-sending' });
  const login = loginOnce(one.application.ports.lwa);
  const { state } = await one.read();
  expect(await whyNotReceive(one.application, state, one.entry(), login)).toMatchObject({ kind: 'unreachable' });
  await login({ clientId: CLIENT_ID, clientSecret: 'x' });
  expect(exchange).toHaveBeenCalledTimes(1);
});

/** One that LWA has not been asked about yet may be the rightful one. */
test.each<[string, boolean, readonly Stored[]]>([
  ['alone, the journal remembers', true, []],
  ['a sibling knows it', true, [{ current: 'dead', proven: ['dead'] }]],
  ['a sibling has not proved itself yet', false, [{ current: 'live', proven: [] }]],
])('while LWA does not answer: %s', async (_, mayReceive, others) => {
  const one = storing('Own', { current: 'dead', proven: ['dead'] });
  one.siblings.push(...others.map((other, index) => storing(`Other${index}`, other).application));
  const { state } = await one.read();
  const login = loginOnce({ exchange: () => Promise.resolve({ failed: 'before-sending' }) });
  const why = await whyNotReceive(one.application, state, one.entry(), login);
  expect(why?.kind).toBe(mayReceive ? undefined : 'unreachable');
});
