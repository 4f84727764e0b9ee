/**
 * Whether an application's client secret is rotated, or only watched.
 */
export enum RotationMode {
  /**
   * Rotations are requested from Amazon when they are due, or when a person asks for one.
   */
  AUTOMATIC = 'AUTOMATIC',

  /**
   * No rotation is ever requested from Amazon. All else works as with `AUTOMATIC`: problems are reported, and a new
   * client secret that arrives (for example because somebody rotated in Amazon's Developer Console) is verified and
   * installed.
   */
  NOTIFY_ONLY = 'NOTIFY_ONLY',
}
