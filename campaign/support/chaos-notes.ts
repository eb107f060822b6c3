import type { PgPoolLike } from "@titan-sync/postgres";

/**
 * What the database itself notes, whatever processes believe: which jobs come and go, which runs work when, and which
 * end.
 */
const triggers = `
  CREATE TABLE noted_jobs (number bigserial, run_id text, kind text);
  CREATE TABLE noted_work (number bigserial, run_number bigint);
  CREATE TABLE noted_ends (number bigserial, run_id text);
  CREATE FUNCTION note_job() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN INSERT INTO public.noted_jobs (run_id, kind) VALUES (NEW.run_id, 'came');
    ELSE INSERT INTO public.noted_jobs (run_id, kind) VALUES (OLD.run_id, 'left'); END IF;
    RETURN NULL;
  END $$;
  CREATE FUNCTION note_work() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.noted_work (run_number) VALUES (NEW.run_number);
    RETURN NULL;
  END $$;
  CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.noted_ends (run_id) VALUES (NEW.run_id);
    RETURN NULL;
  END $$;
  CREATE TRIGGER note_job AFTER INSERT OR DELETE ON titan_sync_jobs.sync_jobs
    FOR EACH ROW EXECUTE FUNCTION note_job();
  CREATE TRIGGER note_work AFTER INSERT OR UPDATE ON titan_sync.run_feeds
    FOR EACH ROW EXECUTE FUNCTION note_work();
  CREATE TRIGGER note_work AFTER INSERT OR UPDATE ON titan_sync.run_records
    FOR EACH ROW EXECUTE FUNCTION note_work();
  CREATE TRIGGER note_end AFTER UPDATE ON titan_sync.runs FOR EACH ROW
    WHEN (NEW.completed_at IS NOT NULL AND NEW.status IS DISTINCT FROM OLD.status) EXECUTE FUNCTION note_end();
`;

export async function addNotes(pool: PgPoolLike): Promise<void> {
  await queryOf(pool)(triggers);
}

export interface ChaosNotes {
  /** Jobs that were put into the queue more than once, or not taken off it exactly once. */
  readonly oddJobs: readonly string[];
  readonly jobs: number;
  /** Runs that wrote again after another run of their credential had: the two overlapped. */
  readonly overlaps: readonly string[];
  /** Runs that ended more or less than once. */
  readonly oddEnds: readonly string[];
  /** Every run. */
  readonly runIds: readonly string[];
}

export async function readNotes(pool: PgPoolLike): Promise<ChaosNotes> {
  const query = queryOf(pool);
  const ids = async (text: string): Promise<readonly string[]> =>
    (await query(text)).map((row) => String(row["id"]));
  const [jobs] = await query("SELECT count(*)::integer AS count FROM noted_jobs WHERE kind = 'came'");
  return {
    jobs: Number(jobs?.["count"]),
    oddJobs: await ids(
      `SELECT run_id AS id FROM noted_jobs GROUP BY run_id
      HAVING count(*) FILTER (WHERE kind = 'came') <> 1 OR count(*) FILTER (WHERE kind = 'left') <> 1`,
    ),
    overlaps: await ids(
      `SELECT run_id AS id FROM (
        SELECT run_id, run_number <> lag(run_number) OVER (PARTITION BY credential_id ORDER BY number) AS is_new,
          row_number() OVER (PARTITION BY run_number ORDER BY number) AS step
        FROM noted_work JOIN titan_sync.runs USING (run_number)
      ) work WHERE is_new AND step > 1`,
    ),
    oddEnds: await ids(
      `SELECT run.run_id AS id FROM titan_sync.runs run LEFT JOIN noted_ends note USING (run_id)
      GROUP BY run.run_id HAVING count(note.number) <> 1`,
    ),
    runIds: await ids("SELECT run_id AS id FROM titan_sync.runs"),
  };
}

function queryOf(pool: PgPoolLike) {
  return async (text: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    const client = await pool.connect();
    try {
      return ((await client.query(text)) as { rows: readonly Readonly<Record<string, unknown>>[] }).rows;
    } finally {
      client.release();
    }
  };
}
