/** How this Amazon behaves, where that varies or is not documented. All of it can be changed while it runs. */
export interface Behaviour {
  /** Milliseconds from a rotation to its message. */
  deliveryDelay: number;
  /** Milliseconds for which LWA does not know a new secret yet. */
  propagationDelay: number;
  /** Milliseconds between two calls for one application. */
  callInterval: number;
  /** Whether a rotation inside the overlap ends the older secret at once. Not documented. */
  secondRotationKillsOldSecret: boolean;
  /** Whether a rotation by hand in the console sends the notification too. Not documented. */
  consoleRotationNotifies: boolean;
  /** Whether the EXPIRY notices also come for a secret that was replaced. Not documented. */
  expiryForOldSecret: boolean;
  /** Whether a rotation is accepted with a token of an expired secret. Not documented; people report 403. */
  expiredSecretCanRotate: boolean;
  /** Whether LWA issues tokens for an expired secret that was not replaced. People report that it does. */
  tokensForExpiredSecret: boolean;
  /** Whether a message that the queue refused is sent again, a minute later. Not documented. */
  refusedDeliveryIsRetried: boolean;
  /** Whether the token of a secret that has been replaced may rotate again. Not documented. */
  oldSecretCanRotate: boolean;
  /** Body of the message that registering a queue sends; none if undefined. Not documented. */
  testMessageAtRegistration: string | undefined;
}

export const USUAL_BEHAVIOUR: Readonly<Behaviour> = {
  deliveryDelay: 1250,
  propagationDelay: 0,
  callInterval: 60_000,
  secondRotationKillsOldSecret: false,
  consoleRotationNotifies: true,
  expiryForOldSecret: false,
  expiredSecretCanRotate: false,
  tokensForExpiredSecret: true,
  refusedDeliveryIsRetried: false,
  oldSecretCanRotate: true,
  testMessageAtRegistration: undefined,
};
