import { z } from "zod";

/** What an error is answered with: RFC 9457. */
export const problem = z
  .object({
    type: z.string().meta({ description: "`urn:titan-sync:problem:` and the code in small letters." }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: "Stable: match on it, never on texts." }),
    detail: z.string().optional(),
    hint: z.string().optional().meta({ description: "What a person can do about it." }),
    requestId: z.string().optional().meta({ description: "Of unexpected errors: find it in the log." }),
    runId: z.string().optional().meta({ description: "The run that stands in the way." }),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().meta({ description: "JSON pointer into the body: `#/tenantId`." }),
          parameter: z.string().optional().meta({ description: "Name of the query parameter or header." }),
          detail: z.string(),
        }),
      )
      .optional()
      .meta({ description: "Every fault, all at once." }),
  })
  .meta({ id: "Problem" });

export type ProblemBody = z.infer<typeof problem>;
