// Runs the Node.js consumer: each line of the input is one call of SP-API, or makes it forget everything.
import { createInterface } from 'node:readline';
import { AccessTokens } from '../../../examples/consumer/node/access-token.mjs';

const {
  SECRET_ID: secretId,
  AMAZON: amazon,
  CLIENT_ID_FIELD: clientIdField,
  CLIENT_SECRET_FIELD: clientSecretField,
} = process.env;
const begin = () =>
  new AccessTokens({
    secretId,
    refreshToken: 'Atzr|a',
    tokenUrl: `${amazon}/token`,
    clientIdField,
    clientSecretField,
  });
let tokens = begin();
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'forget') {
    tokens = begin();
  }
  try {
    const { status } = await tokens.call((token) =>
      fetch(`${amazon}/orders`, { headers: { 'x-amz-access-token': token } }),
    );
    console.log(status);
  } catch (error) {
    console.log(error.message);
  }
}
