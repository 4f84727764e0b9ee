import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Identifiers } from './model';

/** What an access token stands for. */
export interface TokenClaims {
  readonly clientId: string;
  /** Position among the secrets of the application. */
  readonly secret: number;
  readonly scope: string;
  readonly expiresAt: number;
}

/** Makes access tokens, and recognizes those that it made. */
export interface Tokens {
  issue(claims: TokenClaims): string;
  read(token: string): TokenClaims | undefined;
}

const PREFIX = 'Atza|';

/** Remembers each token. */
export class TokenBook implements Tokens {
  private readonly claims = new Map<string, TokenClaims>();

  constructor(private readonly identifiers: Pick<Identifiers, 'base64url'>) {}

  issue(claims: TokenClaims): string {
    const token = PREFIX + this.identifiers.base64url(320);
    this.claims.set(token, claims);
    return token;
  }

  read(token: string): TokenClaims | undefined {
    return this.claims.get(token);
  }
}

/** Remembers no token: each holds what it stands for, signed with a key. So a token is not a change of the state. */
export class SignedTokens implements Tokens {
  constructor(private readonly key: string) {}

  issue(claims: TokenClaims): string {
    const content = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${PREFIX}${content}.${this.sign(content).toString('base64url')}`;
  }

  read(token: string): TokenClaims | undefined {
    const [content = '', signature = ''] = token.startsWith(PREFIX) ? token.slice(PREFIX.length).split('.') : [];
    const [expected, received] = [this.sign(content), Buffer.from(signature, 'base64url')];
    return received.length === expected.length && timingSafeEqual(received, expected)
      ? (JSON.parse(Buffer.from(content, 'base64url').toString()) as TokenClaims)
      : undefined;
  }

  private sign(content: string): Buffer {
    return createHmac('sha256', this.key).update(content).digest();
  }
}
