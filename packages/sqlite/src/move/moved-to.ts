import { openTarget, type SqliteDatabase } from "../database/database.js";
import { findMoveMark } from "./move-mark.js";

/** Where the data of a file was moved to, for people; `null` when it is still here. */
export async function movedTo(options: { readonly database: SqliteDatabase }): Promise<string | null> {
  const { database } = openTarget(options);
  const mark = await database.read(findMoveMark);
  return mark === undefined || mark.finishedAt === null ? null : mark.target;
}
