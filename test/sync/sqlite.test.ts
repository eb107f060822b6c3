import { describeExactValues } from "./exact-values.js";
import { openSqliteStores } from "./sqlite-stores.js";
import { describeSyncing } from "./sync-behavior.js";

describeSyncing("SQLite", openSqliteStores);
describeExactValues("SQLite", openSqliteStores);
