/**
 * Whether an application's client secret is renewed, or only watched.
 */
export enum RotationMode {
  /**
   * Rotations are requested from Amazon when they are due, or when a person asks for one.
   */
  AUTOMATIC = 'AUTOMATIC',

  /**
   * Everything but the request that rotates: state is watched, problems are reported, and a new secret that arrives
   * (because somebody rotated in Amazon's Developer Console, say) is verified and installed.
   */
  NOTIFY_ONLY = 'NOTIFY_ONLY',
}
