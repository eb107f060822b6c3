/** Where a link is kept; `null` for one that no feed has: links are three at most. */
export function linkColumn(link: number): string | null {
  return link === 0 || link === 1 || link === 2 ? `link_${link}` : null;
}
