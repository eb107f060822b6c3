/** Where a link is kept; `null` for one that no feed has: links are three at most. */
export function linkColumn(link: number): string | null {
  return link === 0 || link === 1 || link === 2 ? `link_${link}` : null;
}

/**
 * The condition that a row's link names one entity. As a comparison of whole keys, which only the link's own index
 * answers: statistics from before a feed was landed make the primary key look as good, and that reads all of the
 * feed for each entity.
 *
 * @param wanted - SQL for (link, scope, feed).
 */
export function isLinked(row: string, column: string, wanted: string): string {
  const key = `(${row}.${column}, ${row}.scope_id, ${row}.feed)`;
  return `${row}.${column} IS NOT NULL AND ${key} >= ${wanted} AND ${key} <= ${wanted}`;
}
