/**
 * How long a sink with a table of batch ids keeps one, in milliseconds: a batch is only sent again until the storage
 * learns that it was accepted.
 */
export const batchIdsKnownForMs = 400 * 24 * 60 * 60 * 1000;
/** Old ids that each write deletes: more than it adds, few enough to cost nothing. */
export const batchIdsForgottenAtOnce = 100;
