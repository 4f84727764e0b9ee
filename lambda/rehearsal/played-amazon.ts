import { randomBytes, randomUUID } from 'node:crypto';
import { AmazonModel, type Identifiers } from './amazon/model';
import { Script } from './amazon/script';
import { SignedTokens } from './amazon/tokens';
import type { RehearsalState } from './state';

const RANDOM: Identifiers = {
  hex: (length) => randomBytes(length).toString('hex').slice(0, length),
  base64url: (length) => randomBytes(length).toString('base64url').slice(0, length),
  uuid: () => randomUUID(),
};

/** Amazon allows one call a minute. A rehearsal has no time for that. */
const CALL_INTERVAL = 1000;

/** The fake Amazon, as the state of a rehearsal holds it. */
export class PlayedAmazon {
  readonly model: AmazonModel;
  readonly script: Script;

  constructor(
    private readonly state: RehearsalState,
    now: () => number,
  ) {
    this.model = new AmazonModel({
      clock: { now },
      identifiers: RANDOM,
      tokens: new SignedTokens(state.tokenKey),
      behaviour: { callInterval: CALL_INTERVAL },
    });
    if (state.amazon !== undefined) {
      this.model.restore(state.amazon);
    }
    this.script = new Script(state.script);
  }

  /** Puts what happened back into the state. */
  save(): void {
    this.state.amazon = this.model.snapshot();
    this.state.script = this.script.lines.filter(({ left }) => left > 0);
  }
}
