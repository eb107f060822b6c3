import type { FeedName, RejectionFilter, RejectionStage } from "@titan-sync/core";
import { type Command, Option } from "commander";

/** Which rejections are meant. */
export interface RejectionFlags {
  readonly credential?: string | undefined;
  readonly company?: string | undefined;
  readonly feed?: FeedName | undefined;
  readonly stage?: RejectionStage | undefined;
}

/** Adds the options that choose rejections. */
export function addRejectionOptions(command: Command): Command {
  return command
    .option("--credential <id>", "filter by credential")
    .option("--company <id>", "filter by company")
    .option("--feed <feed>", "filter by feed")
    .addOption(new Option("--stage <stage>", "filter by stage").choices(["structure", "record", "sink"]));
}

export function rejectionFilterOf({ company, credential, feed, stage }: RejectionFlags): RejectionFilter {
  return { companyId: company, credentialId: credential, feed, stage };
}
