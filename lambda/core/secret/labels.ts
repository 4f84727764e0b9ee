/** Staging labels of Secrets Manager that the functions read or move. */
export const LABEL = {
  current: 'AWSCURRENT',
  previous: 'AWSPREVIOUS',
  /** The version built from the newest delivered secret. */
  pending: 'AWSPENDING',
  /** The last journal entry. */
  journal: 'SpApiRotationJournal',
} as const;
