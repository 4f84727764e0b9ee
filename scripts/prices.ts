/** List prices of us-east-1, without free tiers and discounts. */
export const PRICE = {
  metric: 0.3,
  alarmMetric: 0.1,
  secret: 0.4,
  secretsManagerCall: 0.05 / 10_000,
  sqsRequest: 0.4 / 1_000_000,
  lambdaRequest: 0.2 / 1_000_000,
  lambdaGigabyteSecond: 0.000_013_333_4,
  schedulerInvocation: 1 / 1_000_000,
  customEvent: 1 / 1_000_000,
  logGigabyte: 0.5,
  logGigabyteStoredForAYear: 12 * 0.03,
  kmsKey: 1,
} as const;
