import { z } from "zod";

/** What an error is answered with: RFC 9457. */
export const problem = z
  .object({
    type: z.string().meta({ description: "`urn:titan-sync:problem:` and the code in lower case." }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: "Stable: match on the code, never on texts." }),
    detail: z.string().optional(),
    hint: z.string().optional().meta({ description: "How to fix it." }),
    requestId: z.string().optional().meta({ description: "For unexpected errors: look it up in the log." }),
    runId: z.string().optional().meta({ description: "The run that causes the conflict." }),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().meta({ description: "JSON pointer into the body: `#/tenantId`." }),
          parameter: z
            .string()
            .optional()
            .meta({ description: "The name of the query parameter or header." }),
          detail: z.string(),
        }),
      )
      .optional()
      .meta({ description: "All faults at once." }),
  })
  .meta({ id: "Problem" });

export type ProblemBody = z.infer<typeof problem>;
