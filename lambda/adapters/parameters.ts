import { paginateGetParametersByPath, type SSMClient } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import type { ApplicationSettings } from '../../lib/contract/application-settings';
import { couldBeCredential } from '../../lib/contract/credential';
import { endpointProblem, isAmazons } from '../../lib/contract/endpoint';
import {
  APPLICATION_ID,
  MAX_ROTATE_AFTER_DAYS,
  MIN_ROTATE_AFTER_DAYS,
  MINUTES_OF_WINDOW_STEP,
} from '../../lib/contract/limits';
import { RotationMode } from '../../lib/contract/rotation-mode';
import { parseJson } from '../core/json';
import { call } from './aws-call';
import { Misconfigured } from './environment';

const nonEmpty = v.pipe(v.string(), v.nonEmpty());
const minutes = v.pipe(v.number(), v.multipleOf(MINUTES_OF_WINDOW_STEP), v.minValue(0), v.maxValue(1440));
const rotationWindow = v.object({
  days: v.pipe(v.array(v.picklist([1, 2, 3, 4, 5, 6, 7])), v.minLength(1)),
  from: minutes,
  to: minutes,
  timeZone: v.pipe(v.string(), v.check(isTimeZone)),
});
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
  clientSecretField: v.string(),
  clientId: v.optional(nonEmpty),
  // A zone that this runtime does not know holds no rotation back.
  rotationWindow: v.fallback(v.optional(rotationWindow), undefined),
  daysToExpiryMetric: v.optional(v.boolean()),
});

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}

/** What a parameter says. */
export interface ConfiguredApplication {
  readonly settings: ApplicationSettings;
  /** Why the settings cannot be used, and what to do. */
  readonly misconfigured?: string;
}

/**
 * The hub's applications. An empty list is an error like a failed read: it would look as if all were well. A parameter that
 * cannot be used is the failure of its own application and of no other.
 *
 * @param otherEndpoints those that are not Amazon's and may be used all the same
 * @throws {CallFailed}
 * @throws {Misconfigured}
 */
export async function readApplications(
  client: SSMClient,
  path: string,
  otherEndpoints: readonly string[],
): Promise<ConfiguredApplication[]> {
  const applications: ConfiguredApplication[] = [];
  await call('ssm:GetParametersByPath', async () => {
    for await (const page of paginateGetParametersByPath({ client, pageSize: 10 }, { Path: path })) {
      for (const { Name: name = '', Value: value = '' } of page.Parameters ?? []) {
        applications.push(parseSettings(name, value, otherEndpoints));
      }
    }
  });
  if (applications.length === 0) {
    throw new Misconfigured(
      `there is no application below ${path} in Parameter Store; change rotateAfter of each and deploy: an unchanged stack restores nothing`,
    );
  }
  return applications;
}

function parseSettings(name: string, value: string, otherEndpoints: readonly string[]): ConfiguredApplication {
  const id = name.slice(name.lastIndexOf('/') + 1);
  const parsed = v.safeParse(settings, parseJson(value));
  if (!parsed.success || parsed.output.id !== id) {
    return unusable(name, 'it is not what the construct writes');
  }
  const { endpoint } = parsed.output;
  return isAmazons(endpoint) || otherEndpoints.includes(endpoint)
    ? { settings: parsed.output }
    : unusable(name, "its endpoint is neither Amazon's nor one that was deployed with the functions");
}

/** Settings that say nothing, under the name of the parameter. Nothing is sent anywhere for them. */
function unusable(name: string, problem: string): ConfiguredApplication {
  const shown = couldBeCredential(name) ? '(its name could be a credential)' : name;
  return {
    settings: {
      id: shown.slice(shown.lastIndexOf('/') + 1),
      secretArn: '',
      endpoint: '',
      rotateAfterDays: MAX_ROTATE_AFTER_DAYS,
      mode: RotationMode.NOTIFY_ONLY,
      clientIdField: '',
      clientSecretField: '',
    },
    misconfigured: `The parameter ${shown} in Parameter Store cannot be used: ${problem}. Find out who wrote it. If it belongs to an application of this hub, change something about that application and deploy, which writes it again; else delete it. Nothing was done for it; the other applications are served.`,
  };
}
