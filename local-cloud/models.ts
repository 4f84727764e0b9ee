/** The state and rules of the services, without HTTP, timers or randomness: for simulations and fakes. */
export { AwsError } from './services/aws-error';
export { MovableClock, type Clock } from './services/clock';
export { Identifiers } from './services/identifiers';
export { ParameterModel } from './services/parameters';
export { QueueModel, type ReceivedMessage } from './services/queue-model';
export { SecretsManagerModel } from './services/secrets-manager';
