import { paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import type { ApplicationSettings } from '../../lib/contract/application-settings';
import { endpointProblem } from '../../lib/contract/endpoint';
import { APPLICATION_ID, MAX_ROTATE_AFTER_DAYS, MIN_ROTATE_AFTER_DAYS } from '../../lib/contract/limits';
import { RotationMode } from '../../lib/contract/rotation-mode';
import { parseJson } from '../core/json';
import { call } from './aws-call';
import { Misconfigured } from './environment';

const nonEmpty = v.pipe(v.string(), v.nonEmpty());
const settings = v.object({
  id: v.pipe(v.string(), v.regex(APPLICATION_ID)),
  secretArn: nonEmpty,
  secretName: v.optional(nonEmpty),
  endpoint: v.pipe(
    v.string(),
    v.check((url) => endpointProblem(url) === undefined),
  ),
  rotateAfterDays: v.pipe(v.number(), v.minValue(MIN_ROTATE_AFTER_DAYS), v.maxValue(MAX_ROTATE_AFTER_DAYS)),
  mode: v.enum(RotationMode),
  clientIdField: nonEmpty,
  clientSecretField: nonEmpty,
  daysToExpiryMetric: v.optional(v.boolean()),
});

/**
 * The hub's applications. An empty list is an error like a failed read: it would look as if all were well.
 *
 * @throws {CallFailed}
 * @throws {Misconfigured}
 */
export async function readApplications(client: SSMClient, path: string): Promise<ApplicationSettings[]> {
  const applications: ApplicationSettings[] = [];
  await call('ssm:GetParametersByPath', async () => {
    for await (const page of paginateGetParametersByPath({ client, pageSize: 10 }, { Path: path })) {
      for (const { Name: name = '', Value: value = '' } of page.Parameters ?? []) {
        applications.push(parseSettings(name, value));
      }
    }
  });
  if (applications.length === 0) {
    throw new Misconfigured(
      `there is no application below ${path} in Parameter Store; deploy the stack to restore them`,
    );
  }
  return applications;
}

function parseSettings(name: string, value: string): ApplicationSettings {
  const parsed = v.safeParse(settings, parseJson(value));
  if (!parsed.success) {
    throw new Misconfigured(`the parameter ${name} is not what the construct writes; deploy the stack to restore it`);
  }
  return parsed.output;
}
