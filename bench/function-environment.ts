// Import this before the handlers: they read their environment as they are loaded.
import { ENVIRONMENT } from '../lib/contract/environment';

export const APPLICATIONS_PATH = '/hub/applications';

Object.assign(process.env, {
  [ENVIRONMENT.queueArn]: 'arn:aws:sqs:us-east-1:123456789012:notifications',
  [ENVIRONMENT.queueUrl]: 'https://sqs.us-east-1.amazonaws.com/123456789012/notifications',
  [ENVIRONMENT.unclaimedQueueUrl]: 'https://sqs.us-east-1.amazonaws.com/123456789012/unclaimed',
  [ENVIRONMENT.applicationsPath]: APPLICATIONS_PATH,
  [ENVIRONMENT.eventBusArn]: 'arn:aws:events:us-east-1:123456789012:event-bus/default',
  [ENVIRONMENT.lwaTokenUrl]: 'https://api.amazon.com/auth/o2/token',
  [ENVIRONMENT.sweepIntervalMinutes]: '60',
  AWS_REGION: 'us-east-1',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  AWS_LAMBDA_FUNCTION_NAME: 'bench',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
});
// The bundler defines it in what ships.
Object.assign(globalThis, { __PACKAGE_VERSION__: '0.0.0' });
