import { AlarmModel } from './alarms';
import { alarmsApi } from './alarms-api';
import type { Clock } from './clock';
import { EventBusModel } from './events';
import { eventsApi } from './events-api';
import { Faults } from './faults';
import { FrontDoor, type Certificate, type FrontDoorOptions, type RecordedCall } from './front-door';
import { IamModel, type Access, type PrincipalDefinition } from './iam';
import { lambdaApi } from './lambda-api';
import { logsApi } from './logs-api';
import { cloudFormationApi, schedulerApi, stsApi } from './management-apis';
import { ParameterModel } from './parameters';
import { parametersApi } from './parameters-api';
import type { PolicyDocument } from './policy';
import { Queues } from './queues';
import { queuesApi } from './queues-api';
import type { RunningStack } from './running-stack';
import { SecretsManagerModel } from './secrets-manager';
import { secretsManagerApi } from './secrets-manager-api';
import { TopicModel } from './topics';
import { topicsApi } from './topics-api';

export interface ServicesOptions {
  readonly clock: Clock;
  /** Default: `us-east-1`. */
  readonly region?: string;
  /** Default: `123456789012`. */
  readonly account?: string;
  /** For benches: what functions call the services with, over TLS. Default: without. */
  readonly certificate?: Certificate;
}

/** The emulated services, running. */
export interface Services {
  readonly url: string;
  /** Value of `AWS_ENDPOINT_URL` for functions. */
  readonly functionUrl: string;
  readonly region: string;
  readonly account: string;
  readonly secretsManager: SecretsManagerModel;
  readonly parameters: ParameterModel;
  readonly queues: Queues;
  readonly events: EventBusModel;
  readonly alarms: AlarmModel;
  readonly topics: TopicModel;
  /** The stacks that run here: CloudFormation describes them, and Lambda invokes their functions. */
  readonly stacks: Set<RunningStack>;
  readonly iam: {
    authorize(access: Access): void;
    addPrincipal(principal: PrincipalDefinition): void;
    addKeyPolicy(keyArn: string, policy: PolicyDocument): void;
  };
  /** Every call that was recognized, in the order in which they came. */
  readonly calls: RecordedCall[];
  /** Requests for what is not emulated. A test has passed only if this is empty. */
  readonly refused: string[];
  readonly faults: Faults;
  /** Real milliseconds that the next answer takes; for benches. */
  latency: () => number;
  /**
   * Breaks the connections that callers keep. They learn it with their next call, as behind a NAT gateway or a firewall that
   * has forgotten a connection which was idle.
   */
  breakConnections(): void;
  stop(): Promise<void>;
}

/** Starts all services behind one server on 127.0.0.1. */
export async function startServices(options: ServicesOptions): Promise<Services> {
  const { clock, region = 'us-east-1', account = '123456789012', certificate } = options;
  const place = { clock, region, account };
  const iam = new IamModel(account);
  const models = {
    secretsManager: new SecretsManagerModel(place),
    parameters: new ParameterModel(place),
    queues: new Queues(clock, iam, region, account),
    events: new EventBusModel(place),
    alarms: new AlarmModel(clock),
    topics: new TopicModel(clock),
  };
  const state = { stacks: new Set<RunningStack>(), calls: [], refused: [], faults: new Faults() };
  const frontDoor = new FrontDoor({
    clock,
    region,
    iam,
    ...apisOf(models, iam, state.stacks, place),
    ...state,
    latency: () => services.latency(),
    ...(certificate && { certificate }),
  });
  const urls = await frontDoor.listen();
  models.queues.baseUrl = urls.functionUrl;
  const services: Services = {
    ...urls,
    region,
    account,
    iam,
    ...models,
    ...state,
    latency: () => 0,
    breakConnections: () => {
      frontDoor.breakConnections();
    },
    stop: () => frontDoor.close(),
  };
  return services;
}

type Models = Pick<Services, 'secretsManager' | 'parameters' | 'queues' | 'events' | 'alarms' | 'topics'>;

function apisOf(
  models: Models,
  iam: IamModel,
  stacks: ReadonlySet<RunningStack>,
  { region, account }: { readonly region: string; readonly account: string },
): Pick<FrontDoorOptions, 'apis' | 'httpApis'> {
  const authorize = iam.authorize.bind(iam);
  const arnOf = (service: string, resource: string): string => `arn:aws:${service}:${region}:${account}:${resource}`;
  return {
    apis: [
      secretsManagerApi(models.secretsManager, iam, region),
      parametersApi(models.parameters, iam),
      queuesApi(models.queues, iam),
      eventsApi(models.events, iam),
      alarmsApi(models.alarms, iam, (alarm) => arnOf('cloudwatch', `alarm:${alarm}`)),
      logsApi(stacks, iam, (logGroup) => arnOf('logs', `log-group:${logGroup}`)),
    ],
    httpApis: [
      stsApi(),
      cloudFormationApi(stacks, authorize, arnOf('cloudformation', 'stack/*/*')),
      lambdaApi(stacks, authorize),
      schedulerApi(stacks, authorize),
      topicsApi(models.topics, iam, account),
    ],
  };
}
