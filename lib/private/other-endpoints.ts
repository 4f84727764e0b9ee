import { Annotations, Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { isAmazons } from '../contract/endpoint';
import { ENVIRONMENT } from '../contract/environment';
import type { SpApiApplication } from '../sp-api-application';
import { lwaTokenUrlProblem } from './endpoint-problems';
import { receivedUrl, requireEndpoint } from './validation';

/** The SP-API endpoints that are not Amazon's. The functions send tokens to those that their environment names, and to no others. */
export class OtherEndpoints {
  private readonly urls = new Set<string>();

  constructor(private readonly functions: readonly lambda.Function[]) {}

  /** Lets an application use an endpoint, and warns if it is certainly not Amazon's. */
  public add(application: SpApiApplication, url: string): void {
    const isKnown = !Token.isUnresolved(url);
    if (isKnown && isAmazons(url)) {
      return;
    }
    this.urls.add(url);
    // They must know it before a parameter says it.
    application._settings.node.addDependency(...this.functions);
    for (const one of this.functions) {
      one.addEnvironment(ENVIRONMENT.otherEndpoints, [...this.urls].join(' '));
    }
    if (isKnown) {
      Annotations.of(application).addWarningV2(
        'cdk-sp-api-secret-rotation:SpApiApplication.endpointNotAmazons',
        `region of application "${application.node.id}" is ${receivedUrl(url)}, which is no endpoint of Amazon's, and tokens that can rotate its client secret are sent there; use one of the regions of SpApiRegion, or acknowledge this warning`,
      );
    }
  }
}

/** Throws unless client secrets may be sent to the URL, and warns if it is certainly not Amazon's. */
export function checkLwaTokenUrl(hub: Construct, url: string, example: string): void {
  requireEndpoint('lwaTokenUrl', url, example, lwaTokenUrlProblem);
  if (!Token.isUnresolved(url) && !isAmazons(url)) {
    Annotations.of(hub).addWarningV2(
      'cdk-sp-api-secret-rotation:SpApiSecretRotation.lwaTokenUrlNotAmazons',
      `lwaTokenUrl is ${receivedUrl(url)}, which is no endpoint of Login with Amazon, and all client secrets of this hub are sent there; leave it out, or acknowledge this warning`,
    );
  }
}
