import type { z } from "zod";
import type { RunContext } from "./run-context.js";

type PlaceContext = Pick<RunContext, "lease" | "scope"> & {
  readonly storage: Pick<RunContext["storage"], "findRunPlaces" | "saveRunPlace">;
};

/** How far this run had come in a piece of its work when it stopped; `null` when it had not begun it. */
export async function placeOf<Schema extends z.ZodType>(
  { storage, lease, scope }: PlaceContext,
  work: string,
  schema: Schema,
): Promise<z.infer<Schema> | null> {
  const text = (await storage.findRunPlaces({ scope, runId: lease.runId })).get(work);
  if (text === undefined) return null;
  // A place stored by another version may differ: then the work starts again, which is safe.
  const parsed = schema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

export async function keepPlace(
  { storage, lease, scope }: PlaceContext,
  work: string,
  place: unknown,
): Promise<void> {
  await storage.saveRunPlace({ lease, scope, work, place: JSON.stringify(place) });
}
