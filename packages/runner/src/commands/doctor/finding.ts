/** What a check has come to. A warning works today and may not tomorrow. */
export type FindingLevel = "ok" | "warning" | "problem";

/** One thing that was looked at. */
export interface Finding {
  readonly check:
    | "node"
    | "keys"
    | "database"
    | "clock"
    | "host"
    | "company"
    | "credential"
    | "sync"
    | "scheduler"
    | "rejections"
    | "sink"
    | "consistency";
  readonly level: FindingLevel;
  readonly message: string;
  /** What to do; `null` if nothing is wrong. */
  readonly hint: string | null;
  /** The id of the credential; absent for other checks. */
  readonly credentialId?: string | undefined;
  /** What kind of difference or warning it is; absent for other checks. */
  readonly code?: string | undefined;
  /** What was counted, of a difference. */
  readonly counts?: Readonly<Record<string, number>> | undefined;
}

type About = Pick<Finding, "check" | "credentialId">;

export const good = (about: About, message: string): Finding => ({
  ...about,
  level: "ok",
  message,
  hint: null,
});

export const warning = (about: About, message: string, hint: string): Finding => ({
  ...about,
  level: "warning",
  message,
  hint,
});

export const problem = (about: About, message: string, hint: string): Finding => ({
  ...about,
  level: "problem",
  message,
  hint,
});
