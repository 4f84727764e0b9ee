export {
  OTHER_SCOPE,
  ROTATION_SCOPE,
  type CreatedApplication,
  type Delivery,
  type DeliveryChange,
  type IssuedSecret,
  type NewApplication,
  type NotificationRow,
  type Rotation,
  type TokenRequest,
} from '../../../lambda/rehearsal/amazon/model';
export type { AmazonAnswer } from '../../../lambda/rehearsal/amazon/answers';
export type { Behaviour } from '../../../lambda/rehearsal/amazon/behaviour';
export type { Endpoint, ScriptedAnswer, ScriptOptions } from '../../../lambda/rehearsal/amazon/script';
export { AmazonModel, type AmazonModelOptions } from './model';
export { startAmazon, type Amazon, type AmazonCall, type AmazonOptions } from './server';
