ALTER TABLE :SCHEMA.leases DROP COLUMN cancel_requested_by;
