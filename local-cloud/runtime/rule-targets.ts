import type { EventTarget } from '../services/events';
import { matchesWildcards, serviceIsAllowed, type PolicyDocument } from '../services/policy';
import { DEFAULT_RETRY_ATTEMPTS } from './asynchronous-invocations';
import type { Rule, StackContents } from './stack-contents';

const EVENTS = 'events.amazonaws.com';

/** A target that EventBridge may not invoke. In an account its events would be lost without a trace. */
export interface ForbiddenTarget {
  readonly ruleArn: string;
  readonly targetArn: string;
}

/** Puts the stack's rules on the bus, with the targets that EventBridge may invoke. */
export function putRules(stack: StackContents): ForbiddenTarget[] {
  const forbidden: ForbiddenTarget[] = [];
  for (const rule of stack.rules.values()) {
    const reachable = rule.targets.filter((target) => isReachable(rule, target, stack));
    for (const { arn } of rule.targets.filter((target) => !reachable.includes(target))) {
      forbidden.push({ ruleArn: rule.arn, targetArn: arn });
    }
    stack.services.events.putRule({ ...rule, targets: rule.enabled ? reachable : [] });
  }
  return forbidden;
}

/** Delivers an event to a target of one of the stack's rules. */
export function deliver(targetArn: string, input: unknown, stack: StackContents): void {
  const isOurs = [...stack.rules.values()].some(({ targets }) => targets.some(({ arn }) => arn === targetArn));
  if (!isOurs) {
    return;
  }
  const target = [...stack.functions.values()].find(({ arn }) => arn === targetArn);
  if (target !== undefined) {
    // Nobody waits for it here: `settled` throws its failure.
    void stack.invocations
      .invoke(target, input, () => stack.retryAttempts.get(targetArn) ?? DEFAULT_RETRY_ATTEMPTS)
      .catch(() => undefined);
  } else if (targetArn.split(':')[2] === 'sqs') {
    void stack.invocations.track(stack.services.queues.send(targetArn, JSON.stringify(input))).catch(() => undefined);
  } else {
    stack.published.push({ topicArn: targetArn, message: input });
  }
}

function isReachable(rule: Rule, { arn }: EventTarget, stack: StackContents): boolean {
  switch (arn.split(':')[2]) {
    case 'lambda':
      return mayInvoke(rule, stack.functionOf(arn).arn, stack);
    case 'sqs': {
      const { Policy: policy } = stack.services.queues.attributes(arn);
      return (
        policy !== undefined &&
        serviceIsAllowed(JSON.parse(policy) as PolicyDocument, {
          service: EVENTS,
          action: 'sqs:SendMessage',
          resource: arn,
          context: {
            'aws:SourceArn': rule.arn,
            'aws:SourceAccount': stack.identity.account,
            'aws:SecureTransport': 'true',
          },
        })
      );
    }
    case 'sns':
      // Topics are only recorded, their policies with them.
      return true;
    default:
      throw new Error(`the local cloud does not know the target ${arn} of the rule ${rule.name}`);
  }
}

function mayInvoke(rule: Rule, functionArn: string, stack: StackContents): boolean {
  return [...stack.permissions.values()].some(
    (permission) =>
      permission.functionArn === functionArn &&
      permission.principal === EVENTS &&
      ['lambda:InvokeFunction', 'lambda:*'].includes(permission.action) &&
      (permission.sourceArn === undefined || matchesWildcards(permission.sourceArn, rule.arn)) &&
      (permission.sourceAccount === undefined || permission.sourceAccount === stack.identity.account),
  );
}
