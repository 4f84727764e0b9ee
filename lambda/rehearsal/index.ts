import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import { REHEARSAL_ENVIRONMENT, type RehearsalSettings } from '../../lib/contract/rehearsal';
import { CLIENT_CONFIGURATION } from '../adapters/aws-call';
import { Misconfigured } from '../adapters/environment';
import { showable } from '../adapters/showable-error';
import { answer, type ConsoleAnswer, type ConsoleOptions } from './console';
import { readRequest, WrongRequest } from './console-request';
import { serve } from './front';
import { StateStore, TooManyChanges } from './state';

const secrets = new SecretsManagerClient(CLIENT_CONFIGURATION);

const options: ConsoleOptions = {
  secrets,
  queues: new SQSClient(CLIENT_CONFIGURATION),
  store: new StateStore(secrets, required('stateArn')),
  settings: JSON.parse(required('settings')) as RehearsalSettings,
  path: required('path'),
  now: () => Date.now(),
};

/** Plays Amazon in a rehearsal: over its URL Login with Amazon and the rotate endpoint, and to whoever may invoke it the console. */
export async function handler(event: unknown): Promise<APIGatewayProxyStructuredResultV2 | ConsoleAnswer> {
  try {
    return isFromUrl(event) ? await serve(event, options) : await answer(readRequest(event), options);
  } catch (error) {
    throw error instanceof WrongRequest || error instanceof TooManyChanges ? error : showable(error);
  }
}

/** Lambda makes this part of the event. Whoever calls the URL decides only what stands in the other parts. */
function isFromUrl(event: unknown): event is LambdaFunctionURLEvent {
  return typeof event === 'object' && event !== null && 'requestContext' in event;
}

function required(name: keyof typeof REHEARSAL_ENVIRONMENT): string {
  const value = process.env[REHEARSAL_ENVIRONMENT[name]];
  if (value === undefined || value === '') {
    throw new Misconfigured(
      `the environment variable ${REHEARSAL_ENVIRONMENT[name]} is missing; deploy the rehearsal again`,
    );
  }
  return value;
}
