import { z } from "zod";
import { SinkError } from "../../errors.js";
import type { RecordBatch, SinkAnswer } from "../../ports/record-sink.js";

/** The longest reason of a refusal that is kept, in characters. */
const longestReason = 1000;

const answerSchema = z.looseObject({
  rejected: z.array(z.looseObject({ key: z.string(), reason: z.unknown() })),
});

/**
 * What a sink said of a batch, fit to be stored: reasons of at most 1000 characters that every database takes.
 *
 * @throws {@link SinkError}, not retryable, that names what is wrong with the answer.
 */
export function checkAnswer(answer: unknown, { items }: RecordBatch): SinkAnswer {
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success) throw unusable(`it returned ${describe(answer)}`);
  const keys = new Set(items.map(({ key }) => key));
  const unknown = parsed.data.rejected.filter(({ key }) => !keys.has(key)).length;
  if (unknown > 0) throw unusable(`it refused ${unknown} items that are not in the batch`);
  return { rejected: parsed.data.rejected.map(({ key, reason }) => ({ key, reason: cleanReason(reason) })) };
}

/**
 * A text that can be stored and printed. PostgreSQL accepts neither NUL characters nor unpaired surrogates.
 */
function cleanReason(reason: unknown): string {
  if (typeof reason !== "string") return "The sink gave no reason.";
  const text = reason
    .slice(0, longestReason)
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not pass
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]+/g, " ")
    .trim();
  return text === "" ? "The sink gave no reason." : text;
}

function unusable(what: string): SinkError {
  return new SinkError(`Invalid result of the record sink: ${what}.`, {
    retryable: false,
    hint: "Return { rejected: [] } for each batch, with { key, reason } for each item that you refuse.",
  });
}

/** Without the values, which may contain anything. */
function describe(answer: unknown): string {
  if (typeof answer !== "object" || answer === null) {
    return answer === undefined || answer === null ? String(answer) : `a ${typeof answer}`;
  }
  if (!("rejected" in answer)) return "an object without `rejected`";
  return Array.isArray(answer.rejected)
    ? "an entry of `rejected` that is not { key: string, reason: string }"
    : "a `rejected` that is not an array";
}
