export {
  AmazonModel,
  OTHER_SCOPE,
  ROTATION_SCOPE,
  type AmazonModelOptions,
  type CreatedApplication,
  type Delivery,
  type DeliveryChange,
  type IssuedSecret,
  type NewApplication,
  type NotificationRow,
  type Rotation,
  type TokenRequest,
} from './model';
export type { AmazonAnswer } from './answers';
export type { Behaviour } from './behaviour';
export type { Endpoint, ScriptedAnswer, ScriptOptions } from './script';
export { startAmazon, type Amazon, type AmazonCall, type AmazonOptions } from './server';
