import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import type { RehearsalSettings } from '../../lib/contract/rehearsal';
import { send, takeOutgoing, type Outgoing } from './deliveries';
import { understand, usualAnswer, type AmazonRequest } from './amazon/request';
import { performanceOf, type Performance } from './amazon/script';
import type { AmazonAnswer } from './amazon/answers';
import { PlayedAmazon } from './played-amazon';
import type { RehearsalState, StateStore } from './state';

/** Longer than the functions wait for an answer: they have given up by then. */
const SILENCE = 32_000;

/** To whoever does not know the path, and to everybody outside of a rehearsal. */
const NOTHING: APIGatewayProxyStructuredResultV2 = { statusCode: 404, body: '' };

export interface FrontOptions {
  readonly store: StateStore;
  readonly queues: SQSClient;
  readonly settings: RehearsalSettings;
  /** First segment of the path. */
  readonly path: string;
  readonly now: () => number;
}

interface Outcome {
  readonly then: Performance['then'];
  readonly delay: number;
  readonly usual: AmazonAnswer | undefined;
  readonly outgoing: readonly Outgoing[];
}

/** Login with Amazon and the rotate endpoint, over the function's URL. */
export async function serve(
  event: LambdaFunctionURLEvent,
  options: FrontOptions,
): Promise<APIGatewayProxyStructuredResultV2> {
  const [, segment = '', path = ''] = /^\/([^/]+)(\/.*)$/.exec(event.rawPath) ?? [];
  if (!isSame(segment, options.path)) {
    return NOTHING;
  }
  const outcome = await options.store.change((state) =>
    options.now() < state.openUntil ? perform(requestOf(event, path), state, options.now) : undefined,
  );
  if (outcome === undefined) {
    return NOTHING;
  }
  await send(options.queues, options.settings, outcome.outgoing);
  await sleep(outcome.then === 'silence' ? SILENCE : outcome.delay);
  return resultOf(outcome);
}

function perform(request: AmazonRequest, state: RehearsalState, now: () => number): Outcome {
  const amazon = new PlayedAmazon(state, now);
  const understood = understand(request, amazon.model);
  const { endpoint, clientId } = understood;
  const requestId = randomUUID();
  const scripted = endpoint === undefined ? undefined : amazon.script.next(endpoint, clientId);
  const { hasEffect, delay, then } = performanceOf(scripted, requestId);
  const usual = hasEffect ? usualAnswer(understood, amazon.model, requestId) : undefined;
  const outgoing = takeOutgoing(amazon.model, now());
  amazon.save();
  return { then, delay, usual, outgoing };
}

/** A function cannot break a connection. What its URL answers instead tells the caller as little. */
function resultOf({ then, usual }: Outcome): APIGatewayProxyStructuredResultV2 {
  const answer = then === 'usual' ? usual : then;
  return typeof answer === 'object'
    ? { statusCode: answer.status, headers: answer.headers, body: answer.body }
    : { statusCode: 502, body: '' };
}

function requestOf(event: LambdaFunctionURLEvent, path: string): AmazonRequest {
  const { body = '', isBase64Encoded, headers, requestContext } = event;
  return {
    method: requestContext.http.method,
    path: event.rawQueryString === '' ? path : `${path}?${event.rawQueryString}`,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value = '']) => [name.toLowerCase(), value])),
    body: isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
  };
}

/** In a time that does not tell how much of it is the same. */
function isSame(received: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(received), digest(expected));
}
