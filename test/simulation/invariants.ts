import type { EventDetail } from '../../lib/contract/event';
import type { FailureKind } from '../../lib/contract/failure-kind';
import type { ApplicationAnswer } from '../../lambda/core/reconcile/answer';
import { ConsumerInvariant } from './consumer-invariant';
import type { Post } from './ground-truth';
import type { Hub } from './hub';
import type { Invocation } from './invocation';
import { PostInvariants } from './post-invariants';
import { ReportInvariants } from './report-invariants';
import type { World } from './world';
import { WriteInvariants, type WriteCheck } from './write-invariants';

/** Every invariant, by name, and what must hold. */
export const INVARIANTS = {
  'nothing-lost':
    'the newest delivered client secret is in a queue, a dead-letter queue, a labelled version or the one that the journal names until a newer one is current',
  'only-forward': 'a function moves AWSCURRENT only to a newer client secret than the one it replaces',
  'only-accepted': 'a function moves AWSCURRENT only to a client secret that LWA knows, of the same client id',
  'only-by-compare-and-set': 'no put of a function moves AWSCURRENT',
  'proves-before-receiving':
    'no client secret of a client id, and no digest of one, ever stands in a secret whose own pair LWA never accepted',
  'previous-is-previous': 'AWSPREVIOUS is what was current before',
  'edits-kept': 'a promotion changes the one value, and nothing else of the text',
  'one-a-minute': 'at most one POST for an application in a minute, whoever asks',
  'never-twice':
    'no POST while one is in flight, and none inside the overlap or beside the retry ladder unless a person forces it',
  'never-early': 'no automatic POST before a rotation is due, none on the first day without a notice',
  'paused-is-paused':
    'no automatic POST while a person paused the application, unless a rotation is outstanding or the expiry is 21 days away',
  'inside-window':
    'no automatic POST outside the rotation window, unless a rotation is outstanding or the expiry is 14 days away',
  'amazon-before-person':
    'a date told by a person never takes the place of one that Amazon told for the same client secret',
  'no-post-unprepared': "no POST after the run saw that the queue's policy does not let Amazon in, or did not look",
  'no-post-beside-managed-rotation':
    'no POST after the run saw that Secrets Manager rotates the secret itself, or while it has done so since before the run',
  'healthy-is-healthy': 'no run that saw managed rotation or a failed replica answers that the application is healthy',
  'notify-only': 'no POST in the mode NOTIFY_ONLY',
  'looking-writes-nothing': 'status writes nothing, and check nothing that changes a value',
  'leaks-nothing': 'no log line, event or answer contains a secret or a token',
  'few-versions': 'at most 60 versions a day',
  installs:
    'after eight calm hours the newest delivered client secret that LWA knows is current, or it is reported why not',
  'reports-stall': 'after a calm day, a rotation whose secret did not come has been reported',
  'reports-refusal': 'after a calm day, a rotation that Amazon refused has been reported',
  'shows-expiry':
    'after a calm day, the date until which a client secret works is not shown later than it is, be it delivered, or replaced by a rotation that the journal knows',
  'announces-what-is-current': 'a version that is announced to consumers as current is current, or was',
  'reports-danger': 'after a calm day with a current client secret that does not work, that has been reported',
  'never-stands-by':
    'a delivered client secret that works is not left standing by for a day while LWA rejects the current one',
  'publishes-request': 'after a calm day, each rotation of which the journal knows was published as requested',
  'one-rotation-id': 'a client secret is announced with the rotation for which Amazon made it',
  'overwritten-is-overwritten': 'nobody is told that the secret was overwritten where nobody overwrote it',
  'no-needless-post': 'no POST while LWA accepts the newest delivered client secret and not the current one',
  'status-agrees': 'status says what the sweep before it found, or nothing where that found nothing',
  'heals-or-reports': 'what a person wrote over a newer client secret was healed or reported after eight calm hours',
  'consumer-works': 'a consumer is without a working client secret only for a known, counted reason',
  'healthy-again': 'after the faults stop, and a person did what was asked for, everything is healthy again',
  'no-defect': 'nothing but failed calls, refused requests and kills ends a run, or the run over one application',
  'no-sweep-lost': 'no sweep is lost to one application: whatever is stored in one, it answers for all',
} as const;

export type InvariantName = keyof typeof INVARIANTS;

/** Checks the invariants after each step. */
export class Invariants {
  private readonly writes: WriteInvariants;
  private readonly posts: PostInvariants;
  readonly reports: ReportInvariants;
  private readonly consumer: ConsumerInvariant;

  constructor(private readonly world: World) {
    this.writes = new WriteInvariants(world);
    this.posts = new PostInvariants(world);
    this.reports = new ReportInvariants(world);
    this.consumer = new ConsumerInvariant(world);
  }

  violate(invariant: InvariantName, happened: string): void {
    this.world.eventLog.recordViolation(invariant, happened);
  }

  checkWritesOf(invocation: Invocation): WriteCheck {
    return this.writes.checkWritesOf(invocation);
  }

  /** Checks that nothing is lost by what a function does. */
  checkNothingLostBy(happened: string, act: () => void): void {
    this.writes.checkNothingLostBy(happened, act);
  }

  /** Checks that nothing is lost by what somebody does, who is no function. */
  checkNothingLostByOthers(happened: string, act: () => void): void {
    this.writes.checkNothingLostByOthers(happened, act);
  }

  /** A function begins a POST. */
  checkPost(hub: Hub, invocation: Invocation, post: Post): void {
    this.posts.check(hub, invocation, post);
  }

  /** A function announces a version to consumers. */
  checkAnnouncement({ versionId, rotationId }: EventDetail): void {
    this.reports.checkRotationId(versionId, rotationId);
    if (!this.world.truth.onceCurrent.has(versionId)) {
      this.violate(
        'announces-what-is-current',
        `version ${versionId} is announced to consumers, and was never current`,
      );
    }
  }

  /** A run that looked at the application has answered. */
  checkHealthyAnswer({ name, sawOfSecret }: Invocation, { outcome }: ApplicationAnswer): void {
    if (outcome === 'healthy' && sawOfSecret !== undefined) {
      this.violate('healthy-is-healthy', `${name} saw ${sawOfSecret}, and answers that the application is healthy`);
    }
  }

  checkStatusAgrees(status: ApplicationAnswer, kind: FailureKind | undefined): void {
    if (status.kind !== kind) {
      this.violate(
        'status-agrees',
        `the sweep says ${kind ?? 'nothing'}, and status ${status.outcome} ${status.kind ?? ''}`,
      );
    }
  }

  /** Somebody is told that the secret was overwritten. */
  checkOverwritten(): void {
    this.reports.checkOverwritten();
  }

  /** Something is logged, published or answered. */
  checkLeaks(shown: object): void {
    const text = JSON.stringify(shown);
    if (text.includes('amzn1.oa2-cs') || text.includes('Atza|')) {
      this.violate('leaks-nothing', text);
    }
  }

  /** Whatever must be so by now. Called every hour or so. */
  checkPeriodically(hub: Hub): void {
    this.consumer.check();
    this.reports.check(hub, this.consumer.withoutSecretSince);
  }
}
