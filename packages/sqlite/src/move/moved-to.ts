import { openTarget, type SqliteDatabase } from "../database/database.js";
import { findMoveMark } from "./move-mark.js";

/** A description, for people, of where a file's data was moved; `null` if it was not moved. */
export async function movedTo(options: { readonly database: SqliteDatabase }): Promise<string | null> {
  const { database } = openTarget(options);
  const mark = await database.read(findMoveMark);
  return mark === undefined || mark.finishedAt === null ? null : mark.target;
}
