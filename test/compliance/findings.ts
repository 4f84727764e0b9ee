import type { App, Stack } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';

export const PACKS = {
  'AWS Solutions': AwsSolutionsChecks,
  'NIST 800-53 rev 5': NIST80053R5Checks,
  'HIPAA Security': HIPAASecurityChecks,
  'PCI DSS 3.2.1': PCIDSS321Checks,
  Serverless: ServerlessChecks,
};

export interface Finding {
  readonly rule: string;
  readonly description: string;
  readonly paths: string[];
}

/**
 * What a pack of cdk-nag finds in a stack.
 *
 * Asked directly, not registered with the app: cdk-nag 3 needs a newer CDK than the oldest that this package supports
 * for that, and there a finding would end the process.
 */
export function findings(stack: Stack, app: App, pack: keyof typeof PACKS): Finding[] {
  app.synth();
  return new PACKS[pack]().validateScope(stack).violations.map(({ ruleName, description, violatingResources }) => ({
    rule: ruleName,
    description: description.trim(),
    paths: violatingResources.map(({ constructPath }) => constructPath ?? ''),
  }));
}
