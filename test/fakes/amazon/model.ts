import { Identifiers, type Clock } from 'local-cloud/models';
import type { Behaviour } from '../../../lambda/rehearsal/amazon/behaviour';
import { AmazonModel as FakeAmazon } from '../../../lambda/rehearsal/amazon/model';

export interface AmazonModelOptions {
  readonly clock: Clock;
  /** Secrets, tokens and ids are derived from it. The same seed gives the same ones. */
  readonly seed?: string;
  readonly behaviour?: Partial<Behaviour>;
}

/** The fake Amazon of a rehearsal, which makes the same secrets, tokens and ids in every run. */
export class AmazonModel extends FakeAmazon {
  constructor({ seed = 'amazon', ...options }: AmazonModelOptions) {
    super({ ...options, identifiers: new Identifiers(seed) });
  }
}
