-- Who asked the owner of a run to cancel it. Part of the lease, which its heartbeats read anyway: the request ends
-- with the lease. In no index, so that it waits for no writer.
ALTER TABLE :SCHEMA.leases ADD COLUMN cancel_requested_by text;
