import { request as httpRequest, type Agent as HttpAgent } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

/** The two calls to Amazon. Each file `with-….ts` makes them in another way. */
export interface AmazonCalls {
  readonly token: (clientId: string, clientSecret: string) => Promise<string>;
  readonly rotate: (endpoint: string, token: string) => Promise<void>;
}

const { LWA_TOKEN_URL: tokenUrl = '' } = process.env;

/** Where many ask for tokens, their connections are kept. */
const connections = new Agent({ keepAlive: true });

function post(
  url: string,
  headers: Record<string, string>,
  body: string,
  agent: HttpAgent | false = false,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    send(url, { method: 'POST', agent, headers }, (response) => {
      text(response).then(resolve, reject);
    })
      .once('error', reject)
      .end(body);
  });
}

/** The floor uses only what Node.js has. `node:https` loads faster than `fetch`. */
export const amazon: AmazonCalls = {
  async token(clientId, clientSecret) {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'sellingpartnerapi::client_credential:rotation',
      client_id: clientId,
      client_secret: clientSecret,
    }).toString();
    const answer = await post(tokenUrl, { 'content-type': 'application/x-www-form-urlencoded' }, body, connections);
    return (JSON.parse(answer) as { access_token: string }).access_token;
  },

  async rotate(endpoint, token) {
    const headers = {
      'x-amz-access-token': token,
      accept: 'application/json',
      'user-agent': 'Floor/1.0 (Language=Node.js)',
    };
    await post(`${endpoint}/applications/2023-11-30/clientSecret`, headers, '');
  },
};
