// Access tokens for the Selling Partner API, across rotations of the client secret.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const MINUTE = 60_000;

export class AccessTokens {
  #secrets = new SecretsManagerClient({});
  #secretId;
  #refreshToken;
  #tokenUrl;
  #fields;
  #current;
  #token;

  /**
   * The fields are the keys of the secret's JSON object, as in the props of the application.
   *
   * @param {{
   *   secretId: string,
   *   refreshToken: string,
   *   tokenUrl?: string,
   *   clientIdField?: string,
   *   clientSecretField?: string,
   * }} options
   */
  constructor({
    secretId,
    refreshToken,
    tokenUrl = 'https://api.amazon.com/auth/o2/token',
    clientIdField = 'clientId',
    clientSecretField = 'clientSecret',
  }) {
    this.#secretId = secretId;
    this.#refreshToken = refreshToken;
    this.#tokenUrl = tokenUrl;
    this.#fields = { clientIdField, clientSecretField };
  }

  /** For the header `x-amz-access-token`. */
  async get() {
    if (this.#token === undefined || Date.now() > this.#token.until) {
      this.#token = await this.#mint();
    }
    return this.#token.value;
  }

  /** Calls SP-API with a token; after a 403 once more, with the secret read anew. */
  async call(send) {
    const answer = await send(await this.get());
    if (answer.status !== 403) {
      return answer;
    }
    this.#current = undefined;
    this.#token = undefined;
    return send(await this.get());
  }

  async #mint() {
    if (this.#current !== undefined) {
      const token = await this.#exchange(this.#current);
      if (token !== undefined) {
        return token;
      }
    }
    for (const stage of ['AWSCURRENT', 'AWSPREVIOUS']) {
      const credentials = await this.#read(stage);
      const token = credentials && (await this.#exchange(credentials));
      if (token) {
        this.#current = credentials;
        return token;
      }
    }
    throw new Error('LWA takes neither the current nor the previous client secret');
  }

  async #read(stage) {
    try {
      const { SecretString } = await this.#secrets.send(
        new GetSecretValueCommand({ SecretId: this.#secretId, VersionStage: stage }),
      );
      const secret = JSON.parse(SecretString);
      return { clientId: secret[this.#fields.clientIdField], clientSecret: secret[this.#fields.clientSecretField] };
    } catch (error) {
      if (stage === 'AWSPREVIOUS' && error.name === 'ResourceNotFoundException') {
        return undefined;
      }
      throw error;
    }
  }

  /** `undefined`: LWA does not know this client secret. */
  async #exchange({ clientId, clientSecret }) {
    const answer = await fetch(this.#tokenUrl, {
      method: 'POST',
      redirect: 'error',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: this.#refreshToken,
        client_id: clientId,
        client_secret: clientSecret,
      }),
    });
    const body = await answer.json();
    if (body.error === 'invalid_client') {
      return undefined;
    }
    if (!answer.ok) {
      throw new Error(`LWA answers ${answer.status} ${body.error}`);
    }
    return { value: body.access_token, until: Date.now() + body.expires_in * 1000 - MINUTE };
  }
}
