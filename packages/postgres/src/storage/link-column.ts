/**
 * The condition that a row's link names one entity. Only the link's own index answers the comparison of whole keys:
 * for equal columns alone, statistics from before a feed was landed make the primary key look as good, and that reads
 * all of the feed for each entity. The link is equal as well, for the comparison alone looks as if it let many through.
 *
 * @param link - SQL for the entity's id.
 * @param owner - SQL for (scope, feed), without parentheses.
 */
export function isLinked(row: string, column: string, link: string, owner: string): string {
  const key = `(${row}.${column}, ${row}.scope_id, ${row}.feed)`;
  const wanted = `(${link}, ${owner})`;
  return `${row}.${column} = ${link} AND ${key} >= ${wanted} AND ${key} <= ${wanted}`;
}
