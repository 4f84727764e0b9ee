import { mint } from '../../../lambda/core/rotation/token';
import { CLIENT_ID, entry } from '../entries';
import { OneApplication } from '../one-application';

/** An application whose current client secret LWA does not know. */
function rejected(): OneApplication {
  const one = new OneApplication();
  one.store('current');
  return one;
}

test('where LWA does not know the current client secret, the pending one is asked with before the previous', async () => {
  const one = rejected();
  one.store('pending', 'AWSPENDING');
  one.store('previous', 'AWSPREVIOUS');
  one.accepted.add('pending').add('previous');
  expect(await mint(one.application, await one.state(), entry())).toMatchObject({ with: 'AWSPENDING' });
  expect(one.asked).toEqual(['current', 'pending']);
});

test('the previous one is asked with where LWA knows no other', async () => {
  const one = rejected();
  one.store('pending', 'AWSPENDING');
  one.store('previous', 'AWSPREVIOUS');
  one.accepted.add('previous');
  expect(await mint(one.application, await one.state(), entry())).toMatchObject({ with: 'AWSPREVIOUS' });
});

test('the client secret of another client id is never asked with', async () => {
  const one = rejected();
  one.store('of-another', 'AWSPREVIOUS', `${CLIENT_ID}0`);
  one.accepted.add('of-another');
  expect(await mint(one.application, await one.state(), entry())).toMatchObject({
    failed: { kind: 'wrong-credentials' },
  });
  expect(one.asked).toEqual(['current']);
});
