-- Who may call next: one row for each tenant and app key, by a digest. Each grant rewrites it.
CREATE TABLE :SCHEMA.rate_limits (
  budget_key text COLLATE "C" PRIMARY KEY,
  -- The first slot that nobody has.
  next_slot_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  paused_until timestamptz,
  last_429_at timestamptz,
  -- Calls in a second that the last 429 left, and when they begin to become more.
  lowered_rate integer CHECK (lowered_rate > 0),
  lowered_since timestamptz,
  CHECK ((lowered_rate IS NULL) = (lowered_since IS NULL))
) WITH (fillfactor = 50);
