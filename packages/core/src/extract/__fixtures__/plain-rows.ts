/** How rows are dated. */
export interface PlainRowsOptions {
  readonly count: number;
  /** This many consecutive rows share each `modifiedOn`. */
  readonly rowsPerInstant: number;
  /** This many consecutive rows share each `createdOn`. */
  readonly rowsPerCreation?: number | undefined;
  /** The first rows carry the year 1, as migrated ones do. */
  readonly migrated?: number | undefined;
}

const firstCreation = Date.UTC(2012, 0, 1);
const lastCreation = Date.UTC(2025, 0, 1);
const firstChange = Date.UTC(2025, 1, 1);

/** Small rows for any feed, changed in another order than that of their ids. */
export function plainRows(options: PlainRowsOptions) {
  const { count, rowsPerInstant, rowsPerCreation = 1, migrated = 0 } = options;
  return Array.from({ length: count }, (_, index) => {
    const place = (index * 7919) % count;
    const creation = Math.floor(index / rowsPerCreation) * rowsPerCreation;
    const createdOn = new Date(firstCreation + ((lastCreation - firstCreation) * creation) / count);
    const modifiedOn = new Date(firstChange + Math.floor(place / rowsPerInstant) * 60_000);
    return {
      id: 1000 + index * 3,
      active: index % 5 !== 0,
      name: `Row ${index}`,
      createdOn: index < migrated ? "0001-01-01T00:00:00Z" : createdOn.toISOString(),
      modifiedOn: modifiedOn.toISOString(),
    };
  });
}
