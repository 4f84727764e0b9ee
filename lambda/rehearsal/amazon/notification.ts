/** What both notifications have in common. Times are milliseconds since 1970. */
export interface Envelope {
  readonly clientId: string;
  readonly applicationId: string;
  readonly subscriptionId: string;
  readonly notificationId: string;
  readonly eventTime: number;
  readonly publishTime: number;
}

/** Body of APPLICATION_OAUTH_CLIENT_NEW_SECRET, as it arrives in the queue. */
export function newSecretNotification(
  envelope: Envelope & {
    readonly newClientSecret: string;
    readonly newExpiry: number;
    readonly oldExpiry: number;
  },
): string {
  return bodyOf('APPLICATION_OAUTH_CLIENT_NEW_SECRET', envelope, {
    applicationOAuthClientNewSecret: {
      clientId: envelope.clientId,
      newClientSecret: envelope.newClientSecret,
      newClientSecretExpiryTime: iso(envelope.newExpiry),
      oldClientSecretExpiryTime: iso(envelope.oldExpiry),
    },
  });
}

/** Body of APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY. */
export function expiryNotification(envelope: Envelope & { readonly expiry: number }): string {
  return bodyOf('APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY', envelope, {
    applicationOAuthClientSecretExpiry: {
      clientId: envelope.clientId,
      clientSecretExpiryTime: iso(envelope.expiry),
      clientSecretExpiryReason: 'PERIODIC_ROTATION',
    },
  });
}

function bodyOf(notificationType: string, envelope: Envelope, payload: object): string {
  return JSON.stringify({
    notificationVersion: '1.0',
    notificationType,
    payloadVersion: '2023-11-30',
    eventTime: iso(envelope.eventTime),
    payload,
    notificationMetadata: {
      applicationId: envelope.applicationId,
      subscriptionId: envelope.subscriptionId,
      publishTime: iso(envelope.publishTime),
      notificationId: envelope.notificationId,
    },
  });
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
