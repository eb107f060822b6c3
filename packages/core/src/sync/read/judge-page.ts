import type { Feed } from "../../feeds/feed.js";
import type { PageRow } from "../../json/page-row.js";
import type { NewRejection } from "../../ports/rejection-store.js";
import type { Storage } from "../../ports/storage.js";
import type { RunWarning } from "../../ports/sync-run.js";
import type { TenantScope } from "../../ports/tenant.js";
import type { AbsentField, FieldSurvey } from "../../quality/field-survey.js";
import {
  describeAbsence,
  goneFields,
  isGone,
  isUnusable,
  minRowsOfVerdict,
  unusableRows,
} from "../../quality/page-verdict.js";
import { type CheckedRows, checkRows, rejectSound, type SoundRow } from "../../quality/structure-check.js";
import { normalizeInstant } from "../../records/instant.js";
import type { UsedField } from "../../records/used-fields.js";

/** What judging the pages of one reading needs. */
export interface PageJudgeOptions {
  readonly feed: Feed;
  readonly scope: TenantScope;
  readonly storage: Pick<Storage, "findEntities">;
  /** Whether the feed was ever read to its end: before that no record was made from it. */
  readonly mayHaveLanded: boolean;
  /** Whether an older row may replace a newer one. */
  readonly mayGoBack: boolean;
  warn(warning: RunWarning): void;
}

/** Says of a page, before anything of it lands, what may land. */
export interface PageJudge {
  /**
   * @returns valid and invalid rows; rows that would empty columns count as invalid.
   * @throws {@link DriftError} when nothing of the page may land, and its cursor must not move.
   */
  judge(rows: readonly PageRow[], survey: Pick<FieldSurvey, "absent">): Promise<CheckedRows>;
}

/** Landed rows in one lookup. */
const lookUpStep = 500;
/** If this many landed rows lack a field, the API omits it when it has no value. */
const enoughWithout = 100;

/** Judges the pages of one reading of a feed. */
export function createPageJudge(options: PageJudgeOptions): PageJudge {
  const { feed, warn, mayHaveLanded, mayGoBack } = options;
  const isLeftOut = countAbsences();

  return {
    async judge(rows, { absent }) {
      const checked = checkRows(feed, rows);
      if (isUnusable(checked, rows.length)) throw unusableRows(feed, checked.rejections, rows.length);
      const gone = absent.filter((each) => isGone(each) && each.field.isAlways);
      if (gone.length > 0) throw refuse(gone);

      const isLarge = rows.length >= minRowsOfVerdict;
      if (isLarge && !mayHaveLanded) return checked;
      const doubtful = absent.filter(({ field }) => !isLeftOut.of(field));
      if (doubtful.length === 0 || checked.sound.length === 0) return checked;
      return await compareWithLanded(checked, doubtful, isLarge);
    },
  };

  function refuse(gone: readonly AbsentField[]) {
    warn({
      code: "FIELD_ABSENT",
      message: `${describeAbsence(
        feed,
        gone.map(({ field }) => field),
      )}; rows landed before are kept.`,
      count: gone[0]?.of ?? null,
    });
    return goneFields(feed, gone);
  }

  async function compareWithLanded(
    checked: CheckedRows,
    doubtful: readonly AbsentField[],
    isLarge: boolean,
  ): Promise<CheckedRows> {
    const lacking = new Map<PageRow, UsedField[]>();
    for (const { field, rows } of doubtful) {
      for (const row of rows) {
        const fields = lacking.get(row);
        if (fields === undefined) lacking.set(row, [field]);
        else fields.push(field);
      }
    }
    const goneByField = new Map(doubtful.filter(isGone).map((each) => [each.field, each]));
    const suspects = checked.sound.filter(({ row }) => lacking.has(row));
    const lost = new Map<SoundRow, readonly UsedField[]>();
    const emptied = new Set<UsedField>();
    for (let start = 0; start < suspects.length; start += lookUpStep) {
      const step = suspects.slice(start, start + lookUpStep);
      const landed = await landedVersions(options, step);
      for (const suspect of step) {
        const before = landed.get(suspect.id);
        if (before === undefined || (!mayGoBack && isOlder(suspect, before))) continue;
        const fields = (lacking.get(suspect.row) ?? []).filter((field) => {
          const had = hasValue(before, field);
          isLeftOut.see(field, had);
          return had;
        });
        const gone = fields.flatMap((field) => goneByField.get(field) ?? []);
        if (gone.length > 0) throw refuse(gone);
        // Objects are sent without their empty parts, and some of many rows without a field that may be
        // absent.
        const ownFields = fields.filter(({ parent, isAlways }) => parent === null && (isAlways || !isLarge));
        if (ownFields.length > 0) lost.set(suspect, ownFields);
        else for (const field of fields) emptied.add(field);
      }
      if (doubtful.every(({ field }) => isLeftOut.of(field))) break;
    }
    if (emptied.size > 0) warnOfEmptied([...emptied]);
    return lost.size === 0 ? checked : withhold(checked, lost);
  }

  function warnOfEmptied(fields: readonly UsedField[]): void {
    warn({
      code: "FIELD_ABSENT",
      message: `${describeAbsence(feed, fields)}, in rows whose landed version had it: it is now empty there.`,
      count: null,
    });
  }

  /** Their landed rows and delivered records are kept. */
  function withhold(checked: CheckedRows, lost: ReadonlyMap<SoundRow, readonly UsedField[]>): CheckedRows {
    const rejections: NewRejection[] = [...lost].map(([row, fields]) =>
      rejectSound(feed, row, {
        rules: ["drift"],
        message: `Lacks ${fields.map(({ path }) => path).join(", ")}, which its landed version has.`,
      }),
    );
    const fields = [...new Set([...lost.values()].flat())];
    warn({
      code: "FIELD_ABSENT",
      message: `${describeAbsence(feed, fields)}, in rows whose landed version has it; that version stays.`,
      count: null,
    });
    return {
      sound: checked.sound.filter((row) => !lost.has(row)),
      rejections: [...checked.rejections, ...rejections],
      repeated: checked.repeated,
    };
  }
}

/** Counts landed rows that lack a field, until one has it. */
function countAbsences() {
  const without = new Map<UsedField, number>();
  return {
    see(field: UsedField, had: boolean): void {
      without.set(field, had ? Number.NEGATIVE_INFINITY : (without.get(field) ?? 0) + 1);
    },
    of: (field: UsedField): boolean => (without.get(field) ?? 0) >= enoughWithout,
  };
}

type Row = Readonly<Record<string, unknown>>;

/** The landed rows from which records are currently made, parsed. */
async function landedVersions(
  { storage, scope, feed }: PageJudgeOptions,
  rows: readonly SoundRow[],
): Promise<ReadonlyMap<string, Row>> {
  const ids = rows.map(({ id }) => id);
  const landed = await storage.findEntities({ scope, feed: feed.name, ids });
  return new Map(
    landed.flatMap(({ id, payload, removed }) =>
      removed ? [] : [[id, JSON.parse(payload) as Row] as const],
    ),
  );
}

/** An older row replaces nothing. */
function isOlder({ modifiedOn }: SoundRow, { modifiedOn: landed }: Row): boolean {
  const before = typeof landed === "string" ? normalizeInstant(landed) : null;
  return modifiedOn !== null && modifiedOn < (before ?? "");
}

function hasValue(row: Row, { parent, name }: UsedField): boolean {
  const holder = parent === null ? row : row[parent];
  if (typeof holder !== "object" || holder === null) return false;
  const value = (holder as Row)[name];
  return value !== undefined && value !== null;
}
