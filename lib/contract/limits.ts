import { OVERLAP_DAYS } from './amazon';

/** The form of an application's id. */
export const APPLICATION_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Lowest age for a rotation, in days. Amazon does not document what a rotation during an overlap does. */
export const MIN_ROTATE_AFTER_DAYS = OVERLAP_DAYS + 1;

/** Highest age for a rotation, in days. It leaves 30 of a client secret's 180 days. */
export const MAX_ROTATE_AFTER_DAYS = 150;

/** Characters of the `requestedBy` that an operator's request may carry. */
export const MAX_REQUESTED_BY_LENGTH = 256;

/** Characters of the reason for a pause. */
export const MAX_WHY_LENGTH = 256;

/** Letters of any language, and nothing that a terminal obeys or that turns a text round. */
export const SHOWABLE = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;

/** A rotation window opens and closes on a quarter of an hour: so do the clocks of all time zones. */
export const MINUTES_OF_WINDOW_STEP = 15;

/** Longest pause, in days. */
export const MAX_PAUSE_DAYS = 60;

/** No pause goes on within so many days of the expiry of the client secret. */
export const PAUSE_ENDS_BEFORE_EXPIRY_DAYS = 21;
