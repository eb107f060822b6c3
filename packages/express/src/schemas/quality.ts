import { z } from "zod";
import { cleanText, count, emptyBody, id, pageOf, paging, time } from "./common.js";

const stage = z.enum(["structure", "record", "sink"]);

const rejection = z
  .object({
    id,
    runId: id,
    feed: z.string(),
    entityId: z.string(),
    stage,
    rules: z.array(z.string()),
    message: z.string(),
    payload: z
      .string()
      .nullable()
      .meta({ description: "The original row as JSON text: personal data, null except for admins." }),
    firstSeenAt: time,
    lastSeenAt: time,
    timesSeen: count,
  })
  .meta({ id: "Rejection" });

export const rejectionPage = pageOf(rejection).meta({ id: "RejectionPage" });
export const rejectionQuery = z.strictObject({ stage: stage.optional(), ...paging });

export const replay = emptyBody.meta({ id: "RejectionReplay" });

export const dismissal = z
  .strictObject({
    ids: z
      .array(cleanText(100))
      .min(1)
      .max(1000)
      .meta({ description: "The ids of the rejections to close." }),
    reason: cleanText(500)
      .optional()
      .meta({ description: "The reason, for the audit log; no personal data." }),
  })
  .meta({ id: "RejectionDismissal" });

export const dismissed = z
  .object({
    dismissed: z
      .array(id)
      .meta({ description: "The ids of the closed rejections; unknown ids are left out." }),
  })
  .meta({ id: "DismissedRejections" });
