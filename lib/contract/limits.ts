/** What an application's id looks like. */
export const APPLICATION_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Applications that one hub is made for: what one sweep gets through, and what the policies of one role hold. */
export const MOST_APPLICATIONS = 250;

/** Age at which a client secret is renewed, in days. */
export const ROTATE_AFTER_DAYS = {
  fallback: 90,
  /** The overlap after a rotation is 7 days, and a rotation inside it is undocumented. */
  least: 8,
  /** Leaves 30 of a secret's 180 days. */
  most: 150,
  /** Above this there is a warning. */
  comfortable: 120,
} as const;
