DROP TABLE :SCHEMA.rate_limits;
